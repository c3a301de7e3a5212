using InteractionLab.Models.Inputs;

namespace InteractionLab.Models.Outputs;

/// <summary>What the numbers of an output are, where a person says so.</summary>
public enum OutputAs
{
    /// <summary>Logits: the numbers as they are, whatever the graph ends in.</summary>
    Logits,

    /// <summary>Probabilities of the classes: the logits in front of a softmax or sigmoid where there is one, else log p.</summary>
    Probabilities,

    /// <summary>Logarithms of the probabilities: the numbers as they are.</summary>
    LogProbabilities,

    /// <summary>Numbers for every token [batch, length, width], of which those of the first token are taken.</summary>
    FirstToken,

    /// <summary>Numbers for every token [batch, length, width], of which the mean over the tokens that are not [PAD] is taken.</summary>
    MeanOfTokens,
}

/// <summary>Which output of a model is asked for, and what is known that helps to choose it.</summary>
/// <param name="Name">The output's name; null leaves the choice to <see cref="ModelOutput"/>.</param>
/// <param name="As">What its numbers are; null leaves that to what the graph ends in.</param>
/// <param name="Classes">Classes of the dataset; null where there is none or it has no labels.</param>
/// <param name="SampleShape">Shape of one sample: with it a graph whose end says nothing is asked by running it.</param>
public sealed record OutputAsk(string? Name = null, OutputAs? As = null, int? Classes = null, IReadOnlyList<int>? SampleShape = null)
{
    /// <summary>How the inputs are fed: the output is that of the model with one input.</summary>
    public InputAsk Inputs { get; init; } = new();

    /// <summary>Equal asks read a model alike; the text is a key.</summary>
    public override string ToString() => FormattableString.Invariant($"{Name}|{As}|{Classes}|{(SampleShape is null ? "" : string.Join('x', SampleShape))}|{Inputs}");
}
