namespace InteractionLab.Experiments.Common;

/// <summary>Shapes as people read them.</summary>
internal static class Shapes
{
    /// <summary><c>[3, 32, 32]</c>.</summary>
    public static string Show(IEnumerable<int> shape) => $"[{string.Join(", ", shape)}]";

    /// <summary><c>[3, ?, 32]</c>: unknown dimensions are question marks.</summary>
    public static string Show(IEnumerable<long?> shape) => $"[{string.Join(", ", shape.Select(side => side?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?"))}]";
}
