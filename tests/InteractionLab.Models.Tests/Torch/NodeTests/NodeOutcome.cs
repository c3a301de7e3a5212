namespace InteractionLab.Models.Tests.Torch.NodeTests;

/// <summary>What became of a case: refused by an executor before running, or run, with what was wrong.</summary>
/// <param name="Case">The case.</param>
/// <param name="Runtime">Why ONNX Runtime refuses it, or null.</param>
/// <param name="Torch">Why the torch executor refuses it, or null.</param>
/// <param name="Fault">Where both accept it: how torch misses the expected output, or null.</param>
/// <param name="RuntimeFault">How ONNX Runtime misses it, or null.</param>
internal sealed record NodeOutcome(NodeCase Case, string? Runtime, string? Torch, string? Fault, string? RuntimeFault)
{
    public bool Supported => Runtime is null && Torch is null;

    public bool Passed => Supported && Fault is null;
}
