using System.Buffers.Binary;

namespace InteractionLab.Models.Images;

/// <summary>The segments of a JPEG file (ITU-T T.81, annex B), up to the first end of image.</summary>
internal ref struct JpegFile
{
    private const byte Escape = 0xFF;
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly List<int> _scanEnds = [];
    private int _at = 2;

    /// <summary>Reads the segments; a file without its end is refused.</summary>
    public JpegFile(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        for (byte marker; (marker = NextMarker()) != 0xD9;)
        {
            var segment = Segment();
            if (marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC))
            {
                ReadFrame(marker, segment);
            }
            else if (marker == 0xDA)
            {
                SkipScan();
            }
        }

        if (Width == 0 || Height == 0 || _scanEnds.Count == 0)
        {
            throw new InvalidDataException("the JPEG is damaged (it holds no picture)");
        }
    }

    public int Width { get; private set; }

    public int Height { get; private set; }

    /// <summary>1 grey, 3 colour.</summary>
    public int Components { get; private set; }

    public static bool IsJpeg(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[Escape, 0xD8, Escape]);

    /// <summary>
    /// The file with bytes added behind each run of packed pixels. A decoder skips them, unless the run was too short:
    /// it then takes them for pixels, where it would silently have made up grey ones. So the two files give the same
    /// picture only where nothing is missing.
    /// </summary>
    public readonly byte[] Padded()
    {
        ReadOnlySpan<byte> padding = [0x55, 0xA3, 0x5A, 0x93, 0x55, 0x39, 0xC5, 0x6A];
        using var padded = new MemoryStream(_bytes.Length + (_scanEnds.Count * padding.Length));
        var from = 0;
        foreach (var end in _scanEnds)
        {
            padded.Write(_bytes[from..end]);
            padded.Write(padding);
            from = end;
        }

        padded.Write(_bytes[from..]);
        return padded.ToArray();
    }

    private static InvalidDataException Truncated() => new("the JPEG is truncated");

    // Stray bytes between segments are passed over, as decoders do.
    private byte NextMarker()
    {
        while (true)
        {
            var escape = _bytes[_at..].IndexOf(Escape);
            _at = escape < 0 ? throw Truncated() : _at + escape;
            while (_at < _bytes.Length && _bytes[_at] == Escape)
            {
                _at++;
            }

            var marker = _at < _bytes.Length ? _bytes[_at++] : throw Truncated();
            if (marker is not (0 or 1 or >= 0xD0 and <= 0xD7))
            {
                return marker;
            }
        }
    }

    /// <summary>The rest of a segment, its length first.</summary>
    private ReadOnlySpan<byte> Segment()
    {
        var rest = _bytes[_at..];
        var length = rest.Length < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(rest);
        if (length < 2 || length > rest.Length)
        {
            throw Truncated();
        }

        _at += length;
        return rest[..length];
    }

    private void ReadFrame(byte marker, ReadOnlySpan<byte> segment)
    {
        if (marker > 0xC2 || segment.Length < 8 || segment[2] != 8)
        {
            throw new InvalidDataException("the JPEG is of a kind that is not read: baseline and progressive ones of 8 bits are");
        }

        Height = BinaryPrimitives.ReadUInt16BigEndian(segment[3..]);
        Width = BinaryPrimitives.ReadUInt16BigEndian(segment[5..]);
        Components = segment[7] switch
        {
            1 or 3 => segment[7],
            4 => throw new InvalidDataException("the JPEG is in CMYK; save it as RGB"),
            _ => throw new InvalidDataException($"the JPEG has {segment[7]} colour components"),
        };
    }

    private void SkipScan()
    {
        while (true)
        {
            var escape = _bytes[_at..].IndexOf(Escape);
            if (escape < 0 || _at + escape + 1 >= _bytes.Length)
            {
                throw Truncated();
            }

            _at += escape;
            var next = _bytes[_at + 1];
            if (next != 0)
            {
                _scanEnds.Add(_at);
            }

            if (next is not (0 or >= 0xD0 and <= 0xD7))
            {
                return;
            }

            _at += 2;
        }
    }
}
