using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace InteractionLab.Models.Tests.Datasets;

/// <summary>Writes zips by hand, so that they can say what no proper writer would.</summary>
internal sealed class RawZip
{
    private readonly List<byte> _body = [];
    private readonly List<byte> _directory = [];
    private int _count;

    public RawZip Add(string name, byte[] data, bool deflate = false, int unixMode = 0, uint? claimedSize = null, int flags = 0x800, int? method = null, uint? crc = null)
    {
        var packed = deflate ? Deflate(data) : data;
        var nameBytes = Encoding.UTF8.GetBytes(name);
        var offset = (uint)_body.Count;
        var shared = new byte[26];
        U16(shared, 0, 20);
        U16(shared, 2, flags);
        U16(shared, 4, method ?? (deflate ? 8 : 0));
        U32(shared, 10, crc ?? Crc(data));
        U32(shared, 14, (uint)packed.Length);
        U32(shared, 18, claimedSize ?? (uint)data.Length);
        U16(shared, 22, nameBytes.Length);
        _body.AddRange("PK\u0003\u0004"u8);
        _body.AddRange(shared);
        _body.AddRange(nameBytes);
        _body.AddRange(packed);

        var tail = new byte[14];
        U32(tail, 6, (uint)unixMode << 16);
        U32(tail, 10, offset);
        _directory.AddRange("PK\u0001\u0002"u8);
        _directory.AddRange((ReadOnlySpan<byte>)[20, (byte)(unixMode == 0 ? 0 : 3)]);
        _directory.AddRange(shared);
        _directory.AddRange(tail);
        _directory.AddRange(nameBytes);
        _count++;
        return this;
    }

    public byte[] ToBytes(int? claimedCount = null)
    {
        var end = new byte[22];
        "PK\u0005\u0006"u8.CopyTo(end);
        U16(end, 8, claimedCount ?? _count);
        U16(end, 10, claimedCount ?? _count);
        U32(end, 12, (uint)_directory.Count);
        U32(end, 16, (uint)_body.Count);
        return [.. _body, .. _directory, .. end];
    }

    public static byte[] Deflate(byte[] data)
    {
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(data);
        }

        return output.ToArray();
    }

    /// <summary>The CRC of zip and PNG, bit by bit.</summary>
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var b in data)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320u);
            }
        }

        return ~crc;
    }

    private static void U16(byte[] bytes, int at, int value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)value);

    private static void U32(byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
}
