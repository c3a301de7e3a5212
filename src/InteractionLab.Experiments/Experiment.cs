using System.Text.Json;
using InteractionLab.Experiments.Common;

namespace InteractionLab.Experiments;

/// <summary>
/// The base of every kind: reads the spec strictly, lays out the work, and reports all faults of both together.
/// </summary>
/// <typeparam name="TSpec">The spec, defaults filled in.</typeparam>
/// <typeparam name="TResult">The result.</typeparam>
public abstract class Experiment<TSpec, TResult> : IExperiment
    where TSpec : class
    where TResult : class
{
    private protected Experiment()
    {
    }

    /// <inheritdoc/>
    public abstract string Kind { get; }

    /// <inheritdoc/>
    public abstract string Title { get; }

    /// <inheritdoc/>
    public abstract string Description { get; }

    /// <inheritdoc/>
    public Type SpecType => typeof(TSpec);

    /// <inheritdoc/>
    public Type ResultType => typeof(TResult);

    /// <inheritdoc/>
    public async Task<IExperimentPlan> PlanAsync(JsonElement spec, ILabCatalog catalog, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var faults = new SpecFaults();
        if (spec.ValueKind != JsonValueKind.Object)
        {
            new SpecValue(spec, SpecFaults.Whole, faults).FaultType("an object");
            faults.ThrowIfAny();
        }

        var fields = new SpecObject(spec, string.Empty, faults);
        var read = Read(fields);
        fields.RejectUnknown();
        var plan = await LayOutAsync(read, catalog, faults, cancellation).ConfigureAwait(false);
        faults.ThrowIfAny();
        return plan ?? throw new InvalidOperationException($"A spec of {Kind} was neither laid out nor refused.");
    }

    /// <summary>Reads the fields; what is wrong is recorded and replaced by something harmless.</summary>
    private protected abstract TSpec Read(SpecObject fields);

    /// <summary>
    /// Checks the spec against the catalog and lays out the cells; null where faults prevent it. A check that needs
    /// a field first asks whether it is clean.
    /// </summary>
    private protected abstract Task<IExperimentPlan?> LayOutAsync(TSpec spec, ILabCatalog catalog, SpecFaults faults, CancellationToken cancellation);
}
