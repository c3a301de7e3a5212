using InteractionLab.Models.Arrays;

namespace InteractionLab.Experiments.Tests.Common;

/// <summary>Arrays of an npz file in memory.</summary>
internal static class Npz
{
    public static T[] Read<T>(byte[] bytes, string name, out IReadOnlyList<long> shape)
        where T : unmanaged
    {
        using var npz = new NpzReader(new MemoryStream(bytes));
        var array = npz.Read<T>(name);
        shape = array.Shape;
        return array.Values;
    }
}
