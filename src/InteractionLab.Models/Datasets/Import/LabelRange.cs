namespace InteractionLab.Models.Datasets;

/// <summary>What counts as a class label.</summary>
internal static class LabelRange
{
    /// <summary>The largest label; anything above is taken for a mistake rather than for a class.</summary>
    public const int Largest = 999_999;

    /// <summary>The label, if the value is a whole number in range.</summary>
    public static int? FromNumber(double value) => value >= 0 && value <= Largest && value == Math.Floor(value) ? (int)value : null;

    /// <summary>Why a value is no label.</summary>
    public static string Fault => $"is no class label: labels are whole numbers from 0 to {Largest}";
}
