using System.Net.ServerSentEvents;
using System.Text.Json.Nodes;

namespace InteractionLab.EndToEnd;

/// <summary>A client of a job's server-sent events.</summary>
internal static class EventStream
{
    /// <summary>Reads a job's events until its stream ends.</summary>
    public static async Task<List<(string Type, JsonNode Data)>> ReadAsync(LabClient client, string job, CancellationToken cancellation)
    {
        var events = new List<(string, JsonNode)>();
        await using var stream = await client.Http.GetStreamAsync(new Uri($"/api/v1/jobs/{job}/events", UriKind.Relative), cancellation);
        await foreach (var item in SseParser.Create(stream).EnumerateAsync(cancellation))
        {
            events.Add((item.EventType, JsonNode.Parse(item.Data)!));
        }

        return events;
    }
}
