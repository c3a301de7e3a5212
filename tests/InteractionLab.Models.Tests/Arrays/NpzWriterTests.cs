using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using InteractionLab.Models.Arrays;

namespace InteractionLab.Models.Tests.Arrays;

public class NpzWriterTests
{
    [Fact]
    public void Npy_bytes_follow_the_format()
    {
        using var output = new MemoryStream();
        var writer = new NpyWriter<double>(output, 2, 3);
        writer.Write([1, 2, 3]);
        Assert.False(writer.IsComplete);
        Assert.Throws<InvalidOperationException>(writer.Complete);
        writer.Write([4, 5, -6.5]);
        writer.Complete();

        var bytes = output.ToArray();
        Assert.Equal("\u0093NUMPY\u0001\0", Encoding.Latin1.GetString(bytes, 0, 8));
        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        Assert.Equal(0, (10 + length) % 64);
        var header = Encoding.ASCII.GetString(bytes, 10, length);
        Assert.StartsWith("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", header, StringComparison.Ordinal);
        Assert.EndsWith("\n", header, StringComparison.Ordinal);
        Assert.Equal(10 + length + 48, bytes.Length);
        Assert.Equal(-6.5, BinaryPrimitives.ReadDoubleLittleEndian(bytes.AsSpan(10 + length + 40)));
        Assert.Throws<InvalidOperationException>(() => writer.Write([7]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Npz_is_written_to_a_stream_that_cannot_seek_and_is_always_the_same(bool compress)
    {
        var first = Write(compress);
        Assert.Equal(first, Write(compress));

        using var zip = new ZipArchive(new MemoryStream(first), ZipArchiveMode.Read);
        Assert.Equal(["v.npy", "index.npy"], zip.Entries.Select(e => e.FullName));
        using var index = zip.GetEntry("index.npy")!.Open();
        var header = NpyHeader.Read(index);
        Assert.Equal((NpyType.I8, false, 2L), (header.Type, header.FortranOrder, Assert.Single(header.Shape)));
        var rest = new byte[16];
        index.ReadExactly(rest);
        Assert.Equal(7, BinaryPrimitives.ReadInt64LittleEndian(rest));
        Assert.Equal(-1, index.ReadByte());
    }

    [Fact]
    public void An_incomplete_array_never_looks_whole()
    {
        using var output = new MemoryStream();
        using (var npz = new NpzWriter(output, leaveOpen: true))
        {
            npz.Add<double>("v", 4, 4).Write([1, 2, 3, 4]);
            Assert.Throws<InvalidOperationException>(() => npz.Add<long>("index", 1));
            Assert.Throws<InvalidOperationException>(npz.Complete);
        }

        Assert.Throws<InvalidDataException>(() => new ZipArchive(new MemoryStream(output.ToArray())).Entries);
    }

    private static byte[] Write(bool compress)
    {
        using var inner = new MemoryStream();
        using (var npz = new NpzWriter(new ForwardOnly(inner), compress))
        {
            var v = npz.Add<double>("v", 2, 4);
            v.Write([0, 1, 2, 3]);
            v.Write([4, 5, 6, double.NaN]);
            npz.Write<long>("index", [7, 9]);
            npz.Complete();
        }

        return inner.ToArray();
    }

    private sealed class ForwardOnly(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override void Write(ReadOnlySpan<byte> buffer) => inner.Write(buffer);
    }
}
