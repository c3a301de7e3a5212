using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using InteractionLab.Server.Tests.Support;
using InteractionLab.Testing;
using Microsoft.Extensions.Logging;

namespace InteractionLab.Server.Tests;

public sealed class ApiTests
{
    [Fact]
    public async Task Health_system_and_security_headers()
    {
        await using var server = await LabServer.StartAsync();
        Assert.Equal("alive", await server.Client.GetStringAsync("/alive"));
        Assert.Equal("ok", (await server.GetJsonAsync("/health")).GetProperty("status").GetString());
        var system = await server.GetJsonAsync("/api/v1/system");
        Assert.Equal("onnxruntime", system.GetProperty("executors")[0].GetProperty("name").GetString());
        Assert.Contains("masked-samples", system.GetProperty("kinds").EnumerateArray().Select(k => k.GetString()));
        foreach (var path in new[] { "/alive", "/api/v1/jobs", "/api/v1/nothing", "/" })
        {
            using var response = await server.Client.GetAsync(path);
            Assert.Contains("frame-ancestors 'none'", string.Join(' ', response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
            Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task Other_sites_are_refused()
    {
        await using var server = await LabServer.StartAsync();
        Assert.Equal(421, await StatusAsync(server, HttpMethod.Get, "/api/v1/jobs", ("Host", "lab.example.org")));
        Assert.Equal(200, await StatusAsync(server, HttpMethod.Get, "/api/v1/jobs", ("Host", "localhost:5080")));
        Assert.Equal(403, await StatusAsync(server, HttpMethod.Post, "/api/v1/jobs/x/cancel", ("Origin", "http://example.org")));
        Assert.Equal(403, await StatusAsync(server, HttpMethod.Post, "/api/v1/jobs/x/cancel", ("Origin", "null")));
        Assert.Equal(403, await StatusAsync(server, HttpMethod.Delete, "/api/v1/jobs/x", ("Sec-Fetch-Site", "same-site")));
        Assert.Equal(403, await StatusAsync(server, HttpMethod.Get, "/_blazor", ("Origin", "http://example.org")));
        Assert.Equal(404, await StatusAsync(server, HttpMethod.Post, "/api/v1/jobs/x/cancel", ("Origin", server.Client.BaseAddress!.GetLeftPart(UriPartial.Authority))));
    }

    [Fact]
    public async Task Models_are_registered_once_and_given_back_as_they_came()
    {
        await using var server = await LabServer.StartAsync();
        var bytes = TinyModel.Bytes();
        var (status, model) = await UploadAsync(server, "/api/v1/models", Form(("file", "net.onnx", bytes), ("name", null, "My net"u8.ToArray())));
        Assert.Equal(201, status);
        Assert.Equal("My net", model.GetProperty("name").GetString());
        var (again, same) = await UploadAsync(server, "/api/v1/models", Form(("file", "other.onnx", bytes)));
        Assert.Equal((200, model.GetProperty("id").GetString()), (again, same.GetProperty("id").GetString()));
        var id = model.GetProperty("id").GetString();
        Assert.Equal(bytes, await server.Client.GetByteArrayAsync($"/api/v1/models/{id}/file"));
        var nodes = await server.GetJsonAsync($"/api/v1/models/{id}/nodes");
        Assert.Equal("Relu", nodes[0].GetProperty("opType").GetString());
        var list = await server.GetJsonAsync("/api/v1/models");
        Assert.Equal(model.ToString(), list.GetProperty("items")[0].ToString());
    }

    [Fact]
    public async Task A_text_dataset_is_registered_and_its_words_are_shown()
    {
        await using var server = await LabServer.StartAsync();
        var (status, dataset) = await UploadAsync(server, "/api/v1/datasets", Form(("files", "t.tsv", "text\tlabel\na good day\t1\nbad\t0\n"u8.ToArray()), ("files", "vocab.txt", "[PAD]\n[UNK]\n[MASK]\na\ngood\n"u8.ToArray()), ("format", null, "tsv-text"u8.ToArray()), ("options", null, """{"text": "text", "label": "label", "length": 5}"""u8.ToArray())));
        Assert.True(status == 201, dataset.ToString());
        Assert.Equal((2, "text", 5), (dataset.GetProperty("count").GetInt32(), dataset.GetProperty("kind").GetString(), dataset.GetProperty("sampleShape")[0].GetInt32()));
        Assert.Equal("""{"count":5,"pad":0,"unknown":1,"mask":2}""", dataset.GetProperty("vocabulary").GetRawText());
        var sample = await server.GetJsonAsync($"/api/v1/datasets/{dataset.GetProperty("id").GetString()}/samples/0");
        Assert.Equal("""["a","good","[UNK]"]""", sample.GetProperty("tokens").GetRawText());
        Assert.Equal("[3,4,1,0,0]", sample.GetProperty("values").GetRawText());
    }

    [Fact]
    public async Task A_csv_dataset_is_registered_and_its_samples_are_shown()
    {
        await using var server = await LabServer.StartAsync();
        var (status, dataset) = await UploadAsync(server, "/api/v1/datasets", Form(("files", "t.csv", "a,b,y\n1,2,0\n3,4,1\n"u8.ToArray()), ("format", null, "csv"u8.ToArray()), ("options", null, "{\"label\":\"y\"}"u8.ToArray())));
        Assert.True(status == 201, dataset.ToString());
        Assert.Equal((2, "tabular"), (dataset.GetProperty("count").GetInt32(), dataset.GetProperty("kind").GetString()));
        var id = dataset.GetProperty("id").GetString();
        var sample = await server.GetJsonAsync($"/api/v1/datasets/{id}/samples/1");
        Assert.Equal(1, sample.GetProperty("label").GetInt32());
        Assert.Equal(2, sample.GetProperty("values").GetArrayLength());
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/api/v1/datasets/{id}/samples/2")).StatusCode);
        Assert.Equal(404, (int)(await server.Client.GetAsync($"/api/v1/datasets/{id}/samples/0/image")).StatusCode);
        Assert.Equal(400, (int)(await server.Client.GetAsync($"/api/v1/datasets/{id}/samples/-1")).StatusCode);
        Assert.Equal(204, (int)(await server.Client.DeleteAsync($"/api/v1/datasets/{id}")).StatusCode);
        Assert.Empty(Directory.GetDirectories(Path.Combine(server.Data, "datasets")));
    }

    [Theory]
    [InlineData("GET", "/api/v1/jobs?state=lost", null, 400, "state")]
    [InlineData("GET", "/api/v1/jobs?kind=lost", null, 400, "kind")]
    [InlineData("GET", "/api/v1/jobs?take=0", null, 400, "take")]
    [InlineData("GET", "/api/v1/jobs?take=many", null, 400, "take")]
    [InlineData("GET", "/api/v1/models?after=x", null, 400, "after")]
    [InlineData("GET", "/api/v1/models?order=x", null, 400, "order")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":\"lost\",\"spec\":{}}", 400, "kind")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":\"counting\"}", 400, "spec")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":\"counting\",\"spec\":[]}", 400, "spec")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":\"counting\",\"spec\":{\"cells\":0}}", 400, "cells")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":\"counting\",\"spec\":{\"cells\":1,\"model\":\"no\"}}", 400, "model")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":7,\"spec\":{}}", 400, "kind")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":\"counting\",\"spec\":{\"cells\":1},\"color\":1}", 400, "color")]
    [InlineData("POST", "/api/v1/jobs", "{\"kind\":", 400, "kind")]
    [InlineData("POST", "/api/v1/jobs", "[]", 400, "body")]
    [InlineData("POST", "/api/v1/jobs", "", 400, "body")]
    [InlineData("POST", "/api/v1/jobs", null, 400, "body")]
    [InlineData("POST", "/api/v1/jobs", "null", 400, "body")]
    [InlineData("POST", "/api/v1/jobs/estimate", "null", 400, "body")]
    [InlineData("POST", "/api/v1/jobs/estimate", "{\"kind\":\"counting\",\"spec\":{\"cells\":1},\"color\":1}", 400, "color")]
    [InlineData("GET", "/api/v1/jobs/none", null, 404, null)]
    [InlineData("GET", "/api/v1/nothing", null, 404, null)]
    [InlineData("GET", "/openapi/x.json", null, 404, null)]
    [InlineData("POST", "/openapi/v1.json", null, 405, null)]
    [InlineData("PUT", "/api/v1/jobs", "{}", 405, null)]
    [InlineData("POST", "/api/v1/models", "{}", 415, null)]
    public async Task A_bad_request_is_answered_with_a_problem(string method, string path, string? body, int expected, string? field)
    {
        await using var server = await LabServer.StartAsync();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await server.Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == (int)response.StatusCode, text);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        var problem = JsonDocument.Parse(text).RootElement;
        Assert.Equal(expected, problem.GetProperty("status").GetInt32());
        Assert.DoesNotContain("   at ", text, StringComparison.Ordinal);
        Assert.DoesNotContain("parameter \"", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        if (field is not null)
        {
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), text);
        }
    }

    [Fact]
    public async Task Every_unknown_field_of_a_request_is_named()
    {
        await using var server = await LabServer.StartAsync();
        var (status, problem) = await server.PostAsync("/api/v1/jobs", new { kind = "counting", spec = new { cells = 1 }, colour = 1, size = "x" });
        Assert.Equal(400, status);
        Assert.Equal(["colour", "size"], problem.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        Assert.Contains("not a known field", problem.GetProperty("errors").GetProperty("colour")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"kind": "counting", "spec": {"cells": 1}, "kind": "games"}""", "kind")]
    [InlineData("""{"kind": "counting", "name": null, "spec": {"cells": 1}, "name": "a"}""", "name")]
    [InlineData("""{"spec": {"cells": 1}, "kind": "counting", "spec": {"cells": 1}}""", "spec")]
    public async Task A_field_given_twice_is_named(string body, string field)
    {
        await using var server = await LabServer.StartAsync();
        foreach (var path in new[] { "/api/v1/jobs", "/api/v1/jobs/estimate" })
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            using var response = await server.Client.PostAsync(path, content);
            Assert.Equal(400, (int)response.StatusCode);
            var problem = JsonElement.Parse(await response.Content.ReadAsStringAsync());
            Assert.Equal($"{{\"{field}\":[\"is given twice\"]}}", problem.GetProperty("errors").GetRawText());
        }
    }

    [Fact]
    public async Task A_call_on_jobs_takes_json_only()
    {
        await using var server = await LabServer.StartAsync();
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var response = await server.Client.PostAsync("/api/v1/jobs", content);
        Assert.Equal((415, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType!.MediaType));
    }

    [Theory]
    [InlineData("/alive")]
    [InlineData("/health")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/datasets")]
    [InlineData("/api/v1/jobs?take=1")]
    public async Task Head_is_answered_as_get_without_a_body(string path)
    {
        await using var server = await LabServer.StartAsync();
        using var get = await server.Client.GetAsync(path);
        using var request = new HttpRequestMessage(HttpMethod.Head, path);
        using var head = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        // The connection is still good for another request.
        Assert.Equal("alive", await server.Client.GetStringAsync("/alive"));
    }

    [Fact]
    public async Task Head_of_the_endless_stream_and_of_a_call_without_get_is_refused()
    {
        await using var server = await LabServer.StartAsync();
        foreach (var path in new[] { "/api/v1/jobs/x/events", "/api/v1/jobs/x/cancel" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using var response = await server.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
            Assert.DoesNotContain("HEAD", response.Content.Headers.Allow);
        }
    }

    [Fact]
    public async Task A_range_outside_the_file_is_answered_with_a_problem()
    {
        await using var server = await LabServer.StartAsync();
        var (_, model) = await UploadAsync(server, "/api/v1/models", Form(("file", "net.onnx", TinyModel.Bytes())));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/models/{model.GetProperty("id").GetString()}/file");
        request.Headers.Range = new RangeHeaderValue(1_000_000, null);
        using var response = await server.Client.SendAsync(request);
        Assert.Equal((416, "application/problem+json"), ((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType));
        Assert.Equal(TinyModel.Bytes().Length, response.Content.Headers.ContentRange!.Length);
        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(416, problem.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task The_same_model_many_times_at_once_is_registered_once_and_logs_no_error()
    {
        await using var server = await LabServer.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => UploadAsync(server, "/api/v1/models", Form(("file", "net.onnx", TinyModel.Bytes())))));
        Assert.Equal(1, answers.Count(a => a.Status == 201));
        Assert.Equal(11, answers.Count(a => a.Status == 200));
        Assert.Single(answers.Select(a => a.Body.GetProperty("id").GetString()).Distinct());
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task The_description_has_problems_types_and_refusals()
    {
        await using var server = await LabServer.StartAsync();
        var document = await server.GetJsonAsync("/openapi/v1.json");
        var problem = document.GetProperty("components").GetProperty("schemas").GetProperty("ProblemDetails").GetProperty("properties");
        Assert.Equal("array", problem.GetProperty("errors").GetProperty("additionalProperties").GetProperty("type").GetString());
        Assert.Equal("string", problem.GetProperty("traceId").GetProperty("type").GetString());
        var request = document.GetProperty("components").GetProperty("schemas").GetProperty("JobRequest");
        Assert.False(request.GetProperty("additionalProperties").GetBoolean());
        Assert.Equal(["kind", "name", "spec"], request.GetProperty("properties").EnumerateObject().Select(p => p.Name));
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var responses = operation.Value.GetProperty("responses");
                Assert.True(responses.TryGetProperty("421", out _), path.Name);
                Assert.Equal(operation.Name != "get", responses.TryGetProperty("403", out _));
                Assert.Equal(path.Name.StartsWith("/api/", StringComparison.Ordinal), responses.TryGetProperty("400", out _));
            }
        }

        Assert.Equal("integer", Parameter("/api/v1/jobs", "take"));
        Assert.Equal("boolean", Parameter("/api/v1/jobs/{id}/result", "partial"));
        Assert.Equal("integer", Parameter("/api/v1/datasets/{id}/samples/{index}", "index"));
        Assert.Equal("integer", Parameter("/api/v1/jobs/{id}/events", "Last-Event-ID"));

        string? Parameter(string path, string name) => document.GetProperty("paths").GetProperty(path).GetProperty("get").GetProperty("parameters").EnumerateArray()
            .Single(p => p.GetProperty("name").GetString() == name).GetProperty("schema").GetProperty("type").GetString();
    }

    [Fact]
    public async Task Bad_uploads_are_refused_with_the_field()
    {
        await using var server = await LabServer.StartAsync("--Lab:MaxModelBytes", "4096", "--Lab:MaxDatasetBytes", "4096");
        var model = TinyModel.Bytes();
        await RefusedAsync(400, "file", "/api/v1/models", Form(("file", "x", [])));
        await RefusedAsync(400, "file", "/api/v1/models", Form(("file", "x", model[..^9])));
        await RefusedAsync(400, "file", "/api/v1/models", Form(("name", null, "x"u8.ToArray())));
        await RefusedAsync(400, "file", "/api/v1/models", Form(("file", "x", model), ("file", "y", model)));
        await RefusedAsync(400, "other", "/api/v1/models", Form(("file", "x", model), ("other", null, [1])));
        await RefusedAsync(413, "file", "/api/v1/models", Form(("file", "x", new byte[5000])));
        await RefusedAsync(400, "format", "/api/v1/datasets", Form(("files", "x", [1]), ("format", null, "excel"u8.ToArray())));
        await RefusedAsync(400, "options", "/api/v1/datasets", Form(("files", "x", [1]), ("format", null, "csv"u8.ToArray()), ("options", null, "{"u8.ToArray())));
        await RefusedAsync(400, "files", "/api/v1/datasets", Form(("format", null, "csv"u8.ToArray())));
        await RefusedAsync(413, "files", "/api/v1/datasets", Form(("files", "x", new byte[3000]), ("files", "y", new byte[3000]), ("format", null, "csv"u8.ToArray())));

        using var claim = new HttpRequestMessage(HttpMethod.Post, "/api/v1/models");
        claim.Content = new ByteArrayContent("--b\r\n"u8.ToArray());
        claim.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using var truncated = await server.Client.SendAsync(claim);
        Assert.Equal(HttpStatusCode.BadRequest, truncated.StatusCode);
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(server.Data, "tmp")));

        async Task RefusedAsync(int status, string field, string path, MultipartFormDataContent form)
        {
            var (actual, body) = await UploadAsync(server, path, form);
            Assert.True(status == actual && body.GetProperty("errors").TryGetProperty(field, out _), $"{field}: {actual} {body}");
        }
    }

    [Fact]
    public async Task The_description_is_the_committed_one()
    {
        var path = Path.Combine(Repository.Root, "docs", "openapi.json");
        await using var app = LabApplication.Build(["--urls", "http://127.0.0.1:0", "--data", LabServer.NewFolder()], builder => builder.Logging.ClearProviders());
        await app.StartAsync(CancellationToken.None);
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
        var served = await client.GetStringAsync("/openapi/v1.json");
        if (Environment.GetEnvironmentVariable("UPDATE_OPENAPI") == "1")
        {
            await File.WriteAllTextAsync(path, served + "\n");
        }

        Assert.True(File.ReadAllText(path).TrimEnd() == served.TrimEnd(), "docs/openapi.json is not what the server says; UPDATE_OPENAPI=1 with this test writes it.");
    }

    internal static MultipartFormDataContent Form(params (string Name, string? File, byte[] Bytes)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, file, bytes) in parts)
        {
            if (file is null)
            {
                form.Add(new ByteArrayContent(bytes), name);
            }
            else
            {
                form.Add(new ByteArrayContent(bytes), name, file);
            }
        }

        return form;
    }

    internal static async Task<(int Status, JsonElement Body)> UploadAsync(LabServer server, string path, MultipartFormDataContent form)
    {
        using (form)
        {
            using var response = await server.Client.PostAsync(path, form);
            return ((int)response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.Clone());
        }
    }

    private static async Task<int> StatusAsync(LabServer server, HttpMethod method, string path, (string Name, string Value) header)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        using var response = await server.Client.SendAsync(request);
        return (int)response.StatusCode;
    }
}
