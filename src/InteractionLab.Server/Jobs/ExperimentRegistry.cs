using InteractionLab.Experiments;
using InteractionLab.Server.Errors;

namespace InteractionLab.Server.Jobs;

/// <summary>The kinds of experiment this server runs.</summary>
internal sealed class ExperimentRegistry(IEnumerable<IExperiment> experiments)
{
    private readonly Dictionary<string, IExperiment> _byKind = experiments.ToDictionary(e => e.Kind);

    /// <summary>All of them, by kind.</summary>
    public IReadOnlyList<IExperiment> All { get; } = [.. experiments.OrderBy(e => e.Kind, StringComparer.Ordinal)];

    /// <summary>The experiment of a kind, or null.</summary>
    public IExperiment? Find(string kind) => _byKind.GetValueOrDefault(kind);

    /// <summary>The experiment of a kind.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public IExperiment Get(string? kind) => _byKind.GetValueOrDefault(kind ?? "")
        ?? throw new InvalidInputException("kind", $"must be one of {string.Join(", ", All.Select(e => e.Kind))}");
}
