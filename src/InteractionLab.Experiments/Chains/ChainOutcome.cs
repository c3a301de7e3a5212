using System.Text.Json;
using InteractionLab.Experiments.Cells;

namespace InteractionLab.Experiments.Chains;

/// <summary>A finished step of a chain: the payload of its cell.</summary>
/// <param name="Role">The step.</param>
/// <param name="Title">What a person reads.</param>
/// <param name="Kind">Kind of experiment.</param>
/// <param name="Job">Id of the job.</param>
/// <param name="Result">Its result.</param>
public sealed record ChainOutcome(string Role, string Title, string Kind, string Job, JsonElement Result)
{
    /// <summary>The bytes of a cell.</summary>
    internal byte[] ToBytes() => CellFile.Write(this);

    /// <summary>The finished steps, in order.</summary>
    internal static IReadOnlyList<ChainOutcome> ReadAll(ICellSource cells, CancellationToken cancellation)
    {
        var outcomes = new List<ChainOutcome>();
        for (var i = 0; i < cells.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var stream = cells.Open(i);
            if (stream is not null)
            {
                outcomes.Add(CellFile.Named(i, () => CellFile.Read<ChainOutcome>(stream).Content));
            }
        }

        return outcomes;
    }
}

/// <summary>Looks into the finished steps of a chain.</summary>
internal static class ChainOutcomes
{
    /// <summary>The result of a step; null before it has ended.</summary>
    public static T? Result<T>(this IReadOnlyList<ChainOutcome> finished, string role)
        where T : class => finished.FirstOrDefault(step => step.Role == role)?.Result.Deserialize<T>(LabJson.Options);
}
