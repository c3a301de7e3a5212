using System.Security.Cryptography;
using System.Text;
using InteractionLab.Models.Onnx;

namespace InteractionLab.Models.Inputs;

/// <summary>An input of a model and what it is fed with.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Role">What it is fed with; null is the sample as it is.</param>
/// <param name="TakenFor">The same in words.</param>
public sealed record TakenInput(string Name, InputRole? Role, string TakenFor);

/// <summary>How the inputs of a model are fed with one sample: the one answer that everything that runs a network goes by.</summary>
/// <param name="Sample">The input that the sample goes into, of the shape that samples have.</param>
/// <param name="Inputs">Every input that is fed, in the model's order.</param>
public sealed record InputReading(TensorSummary Sample, IReadOnlyList<TakenInput> Inputs)
{
    /// <summary>What the reader of a result should know: nothing where the model's only input is the sample as it is.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Whether the model is run as it is.</summary>
    public bool IsPlain => Inputs.All(input => input.Role is null or InputRole.ChannelsFirst) && Inputs.Count == 1;

    /// <summary>The id of [PAD] that a mask looks for.</summary>
    internal int Pad { get; init; }

    /// <summary>The name under which what a file gives in this reading is kept: its SHA-256, unless the reading changes what it gives.</summary>
    /// <param name="sha256">SHA-256 of the file.</param>
    internal string KeyOf(string sha256) => IsPlain
        ? sha256
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{sha256.ToUpperInvariant()}; inputs {string.Join(' ', Inputs.Select(input => $"{input.Name.Length} {input.Name} {input.Role}"))}; pad {Pad}")));
}
