using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using InteractionLab.Experiments.Common;
using InteractionLab.Experiments.Networks;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.Macro;

/// <summary>Names of the counts that a cell leaves for later jobs: SHA-256 over everything they depend on.</summary>
internal sealed class MacroKeys(MacroWork work)
{
    // To be raised whenever a test counts otherwise.
    private const int Version = 2;
    private readonly string _runtime = OutputKeys.Describe(ExecutorKind.Onnxruntime, work.Spec.Device);

    // Gradients are torch's.
    private readonly Lazy<string> _gradients = new(() => OutputKeys.Describe(ExecutorKind.Torch, work.Spec.Device));

    /// <summary>The name of a cell's counts.</summary>
    public string Of(MacroCell cell, Sample[] samples, float[] baseline)
    {
        var settings = cell.Test switch
        {
            MacroTest.Structure => $"{Json(work.Spec.Structure)} indices {string.Join(',', samples.Select(sample => sample.Index))} baseline {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(baseline.AsSpan())))}",
            MacroTest.Robustness => $"{Json(work.Spec.Robustness)} block {cell.Block} {_gradients.Value}",
            _ => string.Empty,
        };
        var test = cell.Test is MacroTest.FitTrain or MacroTest.FitTest ? "fit" : cell.Test.ToString();
        var text = $"macro {Version}; {_runtime}; model {MacroTimes.FileOf(work, cell.Model).Key.ToUpperInvariant()}; {test} {settings}; samples {LabelledRows.Hash(samples)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, LabJson.Options);
}
