using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>What a script of a user would do with the HTTP API.</summary>
internal sealed class LabClient(Uri address) : IDisposable
{
    public HttpClient Http { get; } = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(3) };

    public async Task<JsonNode> GetAsync(string path)
    {
        using var response = await Http.GetAsync(new Uri(path, UriKind.Relative));
        return await ReadAsync(response, path);
    }

    public async Task<JsonNode> PostAsync(string path, JsonNode? body = null)
    {
        using var response = await Http.PostAsJsonAsync(path, body);
        return await ReadAsync(response, path);
    }

    public async Task<string> AddModelAsync(string file)
    {
        using var form = new MultipartFormDataContent();
        form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file)), "file", Path.GetFileName(file));
        using var response = await Http.PostAsync(new Uri("/api/v1/models", UriKind.Relative), form);
        return (string)(await ReadAsync(response, "models"))["id"]!;
    }

    public async Task<string> AddDatasetAsync(string format, JsonObject options, params string[] files)
    {
        using var form = new MultipartFormDataContent();
        foreach (var file in files)
        {
            form.Add(new ByteArrayContent(await File.ReadAllBytesAsync(file)), "files", Path.GetFileName(file));
        }

        form.Add(new StringContent(format), "format");
        form.Add(new StringContent("test data"), "name");
        form.Add(new StringContent(options.ToJsonString()), "options");
        using var response = await Http.PostAsync(new Uri("/api/v1/datasets", UriKind.Relative), form);
        return (string)(await ReadAsync(response, "datasets"))["id"]!;
    }

    public async Task<string> SubmitAsync(string kind, JsonNode spec)
    {
        var job = await PostAsync("/api/v1/jobs", new JsonObject { ["kind"] = kind, ["spec"] = spec.DeepClone() });
        return (string)job["id"]!;
    }

    /// <summary>Waits until a job ended; fails the test when it ended otherwise than expected.</summary>
    public async Task<JsonNode> WaitAsync(string job, string expected = "succeeded", int seconds = 180)
    {
        for (var deadline = Environment.TickCount64 + (seconds * 1000L); ;)
        {
            var view = await GetAsync($"/api/v1/jobs/{job}");
            var state = (string)view["state"]!;
            if (state is "succeeded" or "failed" or "cancelled")
            {
                Assert.True(state == expected, $"job {job} is {state}: {view.ToJsonString()}");
                return view;
            }

            Assert.True(Environment.TickCount64 < deadline, $"job {job} is still {state} after {seconds} s: {view.ToJsonString()}");
            await Task.Delay(100);
        }
    }

    public async Task<byte[]> BytesAsync(string path) => await Http.GetByteArrayAsync(new Uri(path, UriKind.Relative));

    public void Dispose() => Http.Dispose();

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, string path)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created or HttpStatusCode.Accepted, $"{path}: {(int)response.StatusCode} {text}");
        return JsonNode.Parse(text)!;
    }
}
