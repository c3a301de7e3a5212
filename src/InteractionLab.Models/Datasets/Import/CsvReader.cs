using System.Text;

namespace InteractionLab.Models.Datasets;

/// <summary>Splits comma-separated text (RFC 4180): quotes, doubled quotes, line breaks inside quotes, LF or CRLF.</summary>
internal sealed class CsvReader(TextReader text)
{
    private const int LongestCell = 1 << 16;
    private const int MostColumns = 100_000;
    private readonly StringBuilder _cell = new();
    private readonly char[] _buffer = new char[1 << 14];
    private int _at;
    private int _end;

    /// <summary>Row number of the row last read, from 1; rows without a character are counted but not returned.</summary>
    public long Row { get; private set; }

    /// <summary>Reads the next row into <paramref name="cells"/>; false at the end.</summary>
    public bool Read(List<string> cells)
    {
        while (Peek() >= 0)
        {
            Row++;
            cells.Clear();
            ReadRow(cells);
            if (cells.Count > 1 || cells[0].Length > 0)
            {
                return true;
            }
        }

        return false;
    }

    private void ReadRow(List<string> cells)
    {
        while (true)
        {
            cells.Add(Peek() == '"' ? Quoted() : Plain());
            if (cells.Count > MostColumns)
            {
                throw new InvalidDataException($"row {Row} has more than {MostColumns} columns");
            }

            switch (Next())
            {
                case ',':
                    continue;
                case '\r' when Peek() == '\n':
                    Next();
                    return;
                case '\r' or '\n' or -1:
                    return;
                default:
                    throw new InvalidDataException($"row {Row} has text after a closing quote");
            }
        }
    }

    private string Plain()
    {
        _cell.Clear();
        while (Peek() is not (',' or '\r' or '\n' or -1))
        {
            Keep(Next());
        }

        return _cell.ToString();
    }

    private string Quoted()
    {
        _cell.Clear();
        Next();
        while (true)
        {
            var c = Next();
            if (c < 0)
            {
                throw new InvalidDataException($"row {Row} has a quote that is never closed");
            }

            if (c == '"')
            {
                if (Peek() != '"')
                {
                    return _cell.ToString();
                }

                Next();
            }

            Keep(c);
        }
    }

    private void Keep(int c)
    {
        if (_cell.Length == LongestCell)
        {
            throw new InvalidDataException($"row {Row} has a cell of more than {LongestCell} characters");
        }

        _cell.Append((char)c);
    }

    private int Next()
    {
        var c = Peek();
        _at++;
        return c;
    }

    private int Peek()
    {
        if (_at >= _end)
        {
            _end = text.Read(_buffer, 0, _buffer.Length);
            _at = 0;
        }

        return _at < _end ? _buffer[_at] : -1;
    }
}
