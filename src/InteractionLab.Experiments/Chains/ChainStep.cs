using System.Text.Json;

namespace InteractionLab.Experiments.Chains;

/// <summary>A job of a chain.</summary>
/// <param name="Role">What it is to the chain: each once, and the key of the chain's cell.</param>
/// <param name="Title">What a person reads.</param>
/// <param name="Kind">Kind of experiment.</param>
/// <param name="After">Roles that must have their results before it is queued.</param>
/// <param name="Beside">Roles that must be queued before it is, since its spec names their jobs.</param>
/// <param name="Spec">Its spec, from what is known when it is queued: a pure function, so that a killed chain asks for the same job again.</param>
internal sealed record ChainStep(string Role, string Title, string Kind, IReadOnlyList<string> After, IReadOnlyList<string> Beside, Func<ChainState, JsonElement> Spec);

/// <summary>What is known of a chain: ids of the jobs queued, results of those that have one.</summary>
internal sealed class ChainState
{
    private readonly Dictionary<string, string> _jobs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ChainOutcome> _outcomes = new(StringComparer.Ordinal);

    /// <summary>Whether a step's job has been queued.</summary>
    public bool IsQueued(string role) => _jobs.ContainsKey(role);

    /// <summary>Whether a step has its result.</summary>
    public bool IsDone(string role) => _outcomes.ContainsKey(role);

    /// <summary>The id of a step's job.</summary>
    public string Job(string role) => _jobs[role];

    /// <summary>The result of a step.</summary>
    public JsonElement Result(string role) => _outcomes[role].Result;

    /// <summary>Notes that a step's job has been queued.</summary>
    public void Queued(string role, string job) => _jobs[role] = job;

    /// <summary>Notes a step's result.</summary>
    public void Done(ChainOutcome outcome)
    {
        _jobs[outcome.Role] = outcome.Job;
        _outcomes[outcome.Role] = outcome;
    }
}
