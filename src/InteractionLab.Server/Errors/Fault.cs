using System.Text.Json;
using InteractionLab.Experiments;
using InteractionLab.Models.Datasets;
using InteractionLab.Models.Onnx;
using InteractionLab.Server.Store;

namespace InteractionLab.Server.Errors;

/// <summary>An error as a person or a program is told of it: status, one sentence, and what is wrong by field.</summary>
public sealed record Fault(int Status, string Title, string Detail, IReadOnlyDictionary<string, string[]> Errors)
{
    /// <summary>The most faults that one answer names.</summary>
    public const int MostNamed = 200;

    /// <summary>Of a request that is no upload.</summary>
    public const string LargerThanTaken = "The request is larger than this server takes (maxRequestBytes of /api/v1/system). Tables of games go into a dataset: POST /api/v1/datasets.";

    private const int LongestDetail = 4_000;
    private static readonly IReadOnlyDictionary<string, string[]> NoErrors = new Dictionary<string, string[]>();

    /// <summary>
    /// The one place where exceptions become words. An exception that is nobody's input gives status 500 and no detail
    /// of its own: its text goes to the log only.
    /// </summary>
    public static Fault From(Exception exception) => Of(exception).Shortened();

    private static Fault Of(Exception exception) => exception switch
    {
        LabException lab => new(lab.Status, TitleOf(lab.Status), lab.Message, lab.Errors),
        _ when DiskFull.Is(exception) => new(507, TitleOf(507), "The disk of the server's data directory is full. Free some space; nothing of this was kept.", NoErrors),
        SpecException spec => new(400, TitleOf(400), "The spec is wrong; see errors for each field.", spec.Errors),
        ModelRejectedException model => ForField("file", model.Message),
        DatasetRejectedException dataset => new(400, TitleOf(400), dataset.Message, dataset.Errors),
        BadHttpRequestException { StatusCode: 413 } => new(413, TitleOf(413), LargerThanTaken, NoErrors),
        BadHttpRequestException { InnerException: JsonException json } => FromJson(json),
        BadHttpRequestException { StatusCode: 415 } => new(415, TitleOf(415), "This call takes application/json.", NoErrors),
        BadHttpRequestException { StatusCode: 408 } => new(408, TitleOf(408), "The request came too slowly.", NoErrors),
        BadHttpRequestException { StatusCode: not 400 } bad => new(bad.StatusCode, TitleOf(bad.StatusCode), TitleOf(bad.StatusCode) + ".", NoErrors),
        BadHttpRequestException => ForField("body", "could not be read to its end"),
        _ => new(500, TitleOf(500), "The server failed; the trace id finds the reason in its log.", NoErrors),
    };

    /// <summary>The title of a status.</summary>
    public static string TitleOf(int status) => status switch
    {
        400 => "The request is wrong",
        403 => "Refused",
        404 => "Not found",
        405 => "Method not allowed",
        408 => "Request timeout",
        409 => "Conflict",
        413 => "Too large",
        415 => "Unsupported media type",
        416 => "Range not satisfiable",
        421 => "Misdirected request",
        503 => "Not available now",
        507 => "Disk full",
        >= 500 => "Server error",
        _ => "The request was refused",
    };

    /// <summary>Says how many there are instead of naming all of very many.</summary>
    private Fault Shortened()
    {
        var named = new Dictionary<string, string[]>();
        var left = MostNamed;
        foreach (var (field, faults) in Errors)
        {
            if (left == 0)
            {
                break;
            }

            named[field.Length <= Names.MaxLength ? field : field[..Names.MaxLength] + "…"] = faults.Length <= left ? faults : faults[..left];
            left -= Math.Min(left, faults.Length);
        }

        var all = Errors.Values.Sum(faults => faults.Length);
        var detail = Detail.Length <= LongestDetail ? Detail : Detail[..LongestDetail] + "…";
        return this with { Errors = named, Detail = all > MostNamed ? $"{detail} The first {MostNamed} of {all} faults are named." : detail };
    }

    private static Fault ForField(string field, string why) =>
        new(400, TitleOf(400), why, new Dictionary<string, string[]> { [field] = [why] });

    private static Fault FromJson(JsonException json)
    {
        var path = json.Path is { Length: > 2 } p && p.StartsWith("$.", StringComparison.Ordinal) ? p[2..] : "body";
        var where = json.LineNumber is { } line ? $" at line {line + 1}, byte {json.BytePositionInLine + 1}" : "";
        return ForField(path, $"not the JSON expected{where} (at most 64 levels; no NaN, no Infinity)");
    }
}
