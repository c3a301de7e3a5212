using InteractionLab.Experiments.Cells;

namespace InteractionLab.Experiments.Tests.Cells;

/// <summary>The bytes of a cell.</summary>
public sealed class CellFileTests
{
    private static readonly GameHeader Header = new() { Index = 7, Players = [3, 5], Bias = 0.1, Note = "näher" };

    private static byte[] Bytes() => CellFile.Write(Header, ("v", [1.5, double.MinValue, 5e-324, -0.1]), ("delta", new double[4]));

    [Fact]
    public void What_is_written_is_read()
    {
        var (header, arrays) = CellFile.Read<GameHeader>(new MemoryStream(Bytes()));
        Assert.Equal((7, 0.1, "näher"), (header.Index, header.Bias, header.Note));
        Assert.Equal([3, 5], header.Players);
        Assert.Equal([1.5, double.MinValue, 5e-324, -0.1], arrays["v"]);
        Assert.Equal(new double[4], arrays["delta"]);
        Assert.Equal(7, CellFile.ReadContent<GameHeader>(new MemoryStream(Bytes())).Index);
        Assert.Equal(Bytes(), Bytes());
    }

    [Fact]
    public void Every_changed_byte_and_every_cut_is_noticed()
    {
        var bytes = Bytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var changed = bytes.ToArray();
            changed[i] ^= 0x10;
            Assert.Throws<InvalidDataException>(() => CellFile.Read<GameHeader>(new MemoryStream(changed)));
            Assert.Throws<InvalidDataException>(() => CellFile.Read<GameHeader>(new MemoryStream(bytes[..i])));
        }
    }
}
