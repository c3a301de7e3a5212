using InteractionLab.Server.Datasets;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace InteractionLab.Server.Api;

/// <summary>What a multipart upload may hold.</summary>
/// <param name="FileField">Name of the field of the files.</param>
/// <param name="MaxFiles">The most files.</param>
/// <param name="MaxBytes">The most bytes of all files together.</param>
/// <param name="TextFields">Names of the other fields.</param>
internal sealed record UploadRules(string FileField, int MaxFiles, long MaxBytes, IReadOnlyList<string> TextFields);

/// <summary>
/// A multipart upload, received: files are written to disk as they come, never held in memory. Disposing deletes what
/// was not kept.
/// </summary>
internal sealed class UploadForm : IDisposable
{
    private const long MaxTextBytes = 4L << 20;
    private readonly List<ReceivedFile> _files = [];
    private readonly Dictionary<string, string> _texts = [];

    private UploadForm()
    {
    }

    /// <summary>The files in the order of the upload.</summary>
    public IReadOnlyList<ReceivedFile> Files => _files;

    /// <summary>A text field, or null.</summary>
    public string? Text(string name) => _texts.GetValueOrDefault(name);

    /// <summary>Receives an upload.</summary>
    /// <exception cref="InvalidInputException">It is not what the rules say; the field is named.</exception>
    /// <exception cref="TooLargeException">It has more bytes than the rules allow.</exception>
    public static async Task<UploadForm> ReadAsync(HttpRequest request, FileStore store, UploadRules rules, CancellationToken cancellation)
    {
        var limit = rules.MaxBytes + (MaxTextBytes * (rules.TextFields.Count + 1));
        if (request.ContentLength > limit)
        {
            throw new TooLargeException(rules.FileField, rules.MaxBytes);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = limit;
        }

        var form = new UploadForm();
        try
        {
            await form.ReceiveAsync(new MultipartReader(Boundary(request), request.Body), store, rules, cancellation);
            return form;
        }
        catch (Exception error)
        {
            form.Dispose();
            if (error is BadHttpRequestException or OperationCanceledException)
            {
                throw;
            }

            throw error is InvalidDataException or IOException
                ? new InvalidInputException("body", "is not a well-formed multipart body", error)
                : error;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(f => f.Staged.Dispose());

    private static string Boundary(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
        {
            throw new UnsupportedMediaException("This call takes multipart/form-data.");
        }

        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).Value;
        return boundary is { Length: > 0 and <= 200 } ? boundary : throw new InvalidInputException("Content-Type", "has no usable multipart boundary");
    }

    private async Task ReceiveAsync(MultipartReader reader, FileStore store, UploadRules rules, CancellationToken cancellation)
    {
        var left = rules.MaxBytes;
        while (await reader.ReadNextSectionAsync(cancellation) is { } section)
        {
            var disposition = section.GetContentDispositionHeader();
            var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? default).Value;
            if (string.IsNullOrEmpty(name))
            {
                throw new InvalidInputException("body", "a part has no name");
            }

            if (name == rules.FileField)
            {
                if (_files.Count == rules.MaxFiles)
                {
                    throw new InvalidInputException(name, rules.MaxFiles == 1 ? "exactly one file is taken" : $"at most {rules.MaxFiles} files are taken");
                }

                var staged = await store.StageAsync(section.Body, name, left, cancellation);
                left -= staged.Length;
                _files.Add(new(FileName(disposition!), staged));
            }
            else if (!rules.TextFields.Contains(name))
            {
                throw new InvalidInputException(Shorten(name), $"is not one of {string.Join(", ", [rules.FileField, .. rules.TextFields])}");
            }
            else if (!_texts.TryAdd(name, await TextAsync(section.Body, name, cancellation)))
            {
                throw new InvalidInputException(name, "is given twice");
            }
        }

        if (_files.Count == 0)
        {
            throw new InvalidInputException(rules.FileField, "a file is needed");
        }
    }

    private static async Task<string> TextAsync(Stream body, string name, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        int read;
        while ((read = await body.ReadAsync(chunk, cancellation)) > 0)
        {
            if (buffer.Length + read > MaxTextBytes)
            {
                throw new TooLargeException(name, MaxTextBytes);
            }

            buffer.Write(chunk, 0, read);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static string FileName(ContentDispositionHeaderValue disposition)
    {
        var name = HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;
        // Only a label: the last part of whatever path a client may have sent.
        return string.IsNullOrWhiteSpace(name) ? "file" : Shorten(name[(name.AsSpan().LastIndexOfAny('/', '\\') + 1)..]);
    }

    private static string Shorten(string text) => text.Length <= Names.MaxLength ? text : text[..Names.MaxLength];
}
