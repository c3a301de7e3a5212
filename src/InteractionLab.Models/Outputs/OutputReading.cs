using System.Security.Cryptography;
using System.Text;
using InteractionLab.Models.Inputs;

namespace InteractionLab.Models.Outputs;

/// <summary>Where the logits come from.</summary>
public enum OutputSource
{
    /// <summary>The output's own numbers.</summary>
    Logits,

    /// <summary>What a softmax makes probabilities of.</summary>
    BeforeSoftmax,

    /// <summary>What a log-softmax makes logarithms of probabilities of.</summary>
    BeforeLogSoftmax,

    /// <summary>What a sigmoid makes the probability of class 1 of.</summary>
    BeforeSigmoid,

    /// <summary>The logarithms of the probabilities that the output gives.</summary>
    LogOfProbabilities,

    /// <summary>The output's own numbers, which are logarithms of probabilities.</summary>
    LogProbabilities,

    /// <summary>What the output gives for the first token.</summary>
    FirstToken,

    /// <summary>The mean of what the output gives over the tokens of the text.</summary>
    MeanOfTokens,
}

/// <summary>A model cannot be read as asked.</summary>
/// <param name="Field">The field at fault: <c>inputs</c>, <c>output</c>, <c>outputAs</c>, or null where the model itself is.</param>
/// <param name="Why">What is wrong and what to do, for the person who wrote the field.</param>
public sealed record ReadingFault(string? Field, string Why);

/// <summary>
/// Which tensor of a model the logits are, how many classes they have, and how the output was taken: the one answer that
/// everything that runs a network goes by.
/// </summary>
/// <param name="Output">The output's name.</param>
/// <param name="Tensor">The tensor that the logits are made of.</param>
/// <param name="Source">What of it they are.</param>
/// <param name="Units">Numbers a sample; null where neither the graph nor a run says.</param>
/// <param name="IsPlain">Whether the output is taken as it is: one output, logits [batch, classes].</param>
public sealed record OutputReading(string Output, string Tensor, OutputSource Source, int? Units, bool IsPlain)
{
    /// <summary>Classes: one unit decides between two.</summary>
    public int? Classes => Units == 1 ? 2 : Units;

    /// <summary>Whether one number z stands for two classes: their logits are 0 and z.</summary>
    public bool IsOneUnit => Units == 1;

    /// <summary>How the inputs of the model are fed.</summary>
    public required InputReading Inputs { get; init; }

    /// <summary>What the output was taken for, in a sentence.</summary>
    public required string TakenFor { get; init; }

    /// <summary>What the reader of a result should know: nothing where the model's only input is the sample and its only output plain logits.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether the tensor's sides of 1 must go, or its cells be laid out, to be [batch, classes].</summary>
    internal bool IsReshaped { get; init; }

    /// <summary>Whether the tensor's element type is another than the output's.</summary>
    internal bool IsCast { get; init; }

    /// <summary>Of a mean over tokens, the input that says which count.</summary>
    internal string? Mask { get; init; }

    /// <summary>Of one unit, whether it speaks for class 0 and not for class 1.</summary>
    internal bool IsOfFirstClass { get; init; }

    /// <summary>The name under which what a file gives in this reading is kept: its SHA-256, unless the reading changes what it gives.</summary>
    /// <param name="sha256">SHA-256 of the file.</param>
    public string KeyOf(string sha256)
    {
        var fed = Inputs.KeyOf(sha256);
        return IsPlain
            ? fed
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{fed.ToUpperInvariant()}; output {Tensor}; {Source}; units {Units}; {IsOfFirstClass}")));
    }
}
