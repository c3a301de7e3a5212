using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace InteractionLab.Interactions;

/// <summary>
/// A 2x2 matrix applied to the pair (low, high) of entries that differ in one player only. A struct type, so that each
/// transform is compiled with its own step inlined.
/// </summary>
internal interface IButterflyStep
{
    static abstract double Low(double low, double high);

    static abstract double High(double low, double high);

    static abstract Vector512<double> Low(Vector512<double> low, Vector512<double> high);

    static abstract Vector512<double> High(Vector512<double> low, Vector512<double> high);

    /// <summary>The step within a vector: <paramref name="other"/> holds each lane's partner, <paramref name="isHigh"/> all ones where the lane is the high one.</summary>
    static abstract Vector512<double> Lane(Vector512<double> x, Vector512<double> other, Vector512<double> isHigh);
}

/// <summary>(a, b) ↦ (a, b + a).</summary>
internal readonly struct SubsetSum : IButterflyStep
{
    public static double Low(double low, double high) => low;

    public static double High(double low, double high) => high + low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Low(Vector512<double> low, Vector512<double> high) => low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> High(Vector512<double> low, Vector512<double> high) => high + low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Lane(Vector512<double> x, Vector512<double> other, Vector512<double> isHigh) => x + (other & isHigh);
}

/// <summary>(a, b) ↦ (a, b - a).</summary>
internal readonly struct SubsetDifference : IButterflyStep
{
    public static double Low(double low, double high) => low;

    public static double High(double low, double high) => high - low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Low(Vector512<double> low, Vector512<double> high) => low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> High(Vector512<double> low, Vector512<double> high) => high - low;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Lane(Vector512<double> x, Vector512<double> other, Vector512<double> isHigh) => x - (other & isHigh);
}

/// <summary>(a, b) ↦ (a + b, b).</summary>
internal readonly struct SupersetSum : IButterflyStep
{
    public static double Low(double low, double high) => low + high;

    public static double High(double low, double high) => high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Low(Vector512<double> low, Vector512<double> high) => low + high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> High(Vector512<double> low, Vector512<double> high) => high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Lane(Vector512<double> x, Vector512<double> other, Vector512<double> isHigh) => x + Vector512.AndNot(other, isHigh);
}

/// <summary>(a, b) ↦ (a - b, b).</summary>
internal readonly struct SupersetDifference : IButterflyStep
{
    public static double Low(double low, double high) => low - high;

    public static double High(double low, double high) => high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Low(Vector512<double> low, Vector512<double> high) => low - high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> High(Vector512<double> low, Vector512<double> high) => high;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Lane(Vector512<double> x, Vector512<double> other, Vector512<double> isHigh) => x - Vector512.AndNot(other, isHigh);
}
