using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Tests.Arrays;

public class NpzReaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_is_written_is_read_back(bool compress)
    {
        using var output = new MemoryStream();
        using (var npz = new NpzWriter(output, compress, leaveOpen: true))
        {
            npz.Write<double>("v", [1, double.NaN, -0.0, double.Epsilon], 2, 2);
            npz.Write<long>("index", [long.MinValue]);
            npz.Write<bool>("flag", [true, false], 2, 1);
            npz.Write<float>("none", [], 0, 7);
            npz.Complete();
        }

        using var reader = new NpzReader(new MemoryStream(output.ToArray()));
        Assert.Equal(["v", "index", "flag", "none"], reader.Names);
        var v = reader.Read<double>("v");
        Assert.Equal([2L, 2L], v.Shape);
        Assert.Equal([1, double.NaN, -0.0, double.Epsilon], v.Values);
        Assert.Equal([long.MinValue], reader.Read<long>("index").Values);
        Assert.Equal([true, false], reader.Read<bool>("flag").Values);
        Assert.Empty(reader.Read<float>("none").Values);
        Assert.Throws<InvalidDataException>(() => reader.Read<float>("v"));
        Assert.Throws<KeyNotFoundException>(() => reader.Read<float>("w"));
        Assert.Throws<InvalidDataException>(() => new NpzReader(new MemoryStream([1, 2, 3])));
    }
}
