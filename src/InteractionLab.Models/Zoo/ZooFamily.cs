using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Zoo;

/// <summary>A kind of network with options: what a form or a description of the API needs to know.</summary>
public abstract class ZooFamily
{
    private protected ZooFamily(string name, string title, string description, IReadOnlyList<SampleKind> kinds, params IReadOnlyList<ZooOption> options)
    {
        Name = name;
        Title = title;
        Description = description;
        Kinds = kinds;
        Options = options;
    }

    /// <summary>The name in a spec.</summary>
    public string Name { get; }

    /// <summary>The name on a page.</summary>
    public string Title { get; }

    /// <summary>Form and source.</summary>
    public string Description { get; }

    /// <summary>The kinds of samples it takes.</summary>
    public IReadOnlyList<SampleKind> Kinds { get; }

    /// <summary>Its options in the order of a form.</summary>
    public IReadOnlyList<ZooOption> Options { get; }

    /// <summary>Records why the network cannot be built for this input; kind and rank of the input are known to fit.</summary>
    /// <param name="architecture">Options, each in its own range.</param>
    /// <param name="input">What it is built for.</param>
    /// <param name="fault">Takes the option at fault, or "name", and why.</param>
    internal virtual void Check(ZooArchitecture architecture, ZooInput input, Action<string, string> fault)
    {
    }

    /// <summary>Adds the layers.</summary>
    /// <param name="architecture">Options that passed <see cref="Check"/>.</param>
    /// <param name="input">What it is built for.</param>
    /// <param name="graph">Takes the layers.</param>
    /// <param name="x">The network's input.</param>
    /// <returns>The logits [batch, classes].</returns>
    internal abstract string Build(ZooArchitecture architecture, ZooInput input, ZooGraph graph, string x);
}
