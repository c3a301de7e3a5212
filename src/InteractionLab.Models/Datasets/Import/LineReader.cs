using System.Text;

namespace InteractionLab.Models.Datasets;

/// <summary>Reads lines (LF or CRLF) of bounded length from UTF-8 text.</summary>
internal sealed class LineReader : IDisposable
{
    private const int Longest = 1 << 16;
    private readonly StreamReader _text;
    private readonly StringBuilder _line = new();
    private readonly char[] _buffer = new char[1 << 14];
    private int _at;
    private int _end;

    public LineReader(UploadedFile file) => _text = new StreamReader(ImportRequest.Open(file), new UTF8Encoding(false, throwOnInvalidBytes: true));

    /// <summary>Number of the line last read, from 0; -1 before the first.</summary>
    public long Number { get; private set; } = -1;

    /// <summary>The next line without its end; null behind the last.</summary>
    public string? Read()
    {
        if (!More())
        {
            return null;
        }

        Number++;
        _line.Clear();
        while (More())
        {
            var rest = _buffer.AsSpan(_at, _end - _at);
            var length = rest.IndexOf('\n');
            _line.Append(length < 0 ? rest : rest[..length]);
            _at += length < 0 ? rest.Length : length + 1;
            if (_line.Length > Longest)
            {
                throw new InvalidDataException($"line {Number} (from 0) has more than {Longest} characters");
            }

            if (length >= 0)
            {
                break;
            }
        }

        if (_line.Length > 0 && _line[^1] == '\r')
        {
            _line.Length--;
        }

        return _line.ToString();
    }

    /// <inheritdoc />
    public void Dispose() => _text.Dispose();

    /// <summary>Reads a whole file through <paramref name="read"/>; what is wrong with it is told under its name.</summary>
    /// <exception cref="DatasetRejectedException">The file is not UTF-8 text or not what it should be.</exception>
    public static T Of<T>(UploadedFile file, Func<LineReader, T> read)
    {
        try
        {
            using var lines = new LineReader(file);
            return read(lines);
        }
        catch (InvalidDataException e)
        {
            throw ImportRequest.Fault(file.FileName, e.Message, e);
        }
        catch (DecoderFallbackException e)
        {
            throw ImportRequest.Fault(file.FileName, "it is not UTF-8 text", e);
        }
    }

    private bool More()
    {
        if (_at == _end)
        {
            (_at, _end) = (0, _text.Read(_buffer, 0, _buffer.Length));
        }

        return _at < _end;
    }
}
