using System.Globalization;

namespace InteractionLab.Models.Arrays;

/// <summary>
/// Reads the Python dictionary of an npy header: the keys <c>descr</c>, <c>fortran_order</c> and <c>shape</c> in any
/// order, each exactly once. Nothing else of Python's syntax is understood, and nothing is evaluated.
/// </summary>
internal sealed class NpyHeaderParser(string text)
{
    private const int MostDimensions = 32;
    private int _at;

    public NpyHeader Parse()
    {
        NpyType? type = null;
        bool? fortran = null;
        List<long>? shape = null;
        Expect('{');
        while (!Take('}'))
        {
            var key = Quoted();
            Expect(':');
            switch (key)
            {
                case "descr" when type is null:
                    type = Descr();
                    break;
                case "fortran_order" when fortran is null:
                    fortran = Boolean();
                    break;
                case "shape" when shape is null:
                    shape = Tuple();
                    break;
                default:
                    throw Fault();
            }

            if (!Take(','))
            {
                Expect('}');
                break;
            }
        }

        Skip();
        if (_at != text.Length || type is null || fortran is null || shape is null)
        {
            throw Fault();
        }

        NpyHeader.Product(shape);
        return new NpyHeader(type.Value, fortran.Value, shape);
    }

    private NpyType Descr()
    {
        Skip();
        if (_at < text.Length && text[_at] == '[')
        {
            throw new InvalidDataException("it is an array of records; only plain numbers are read");
        }

        var descr = Quoted();
        return NpyTypes.TryParse(descr, out var type)
            ? type
            : throw new InvalidDataException($"its element type '{(descr.Length > 20 ? descr[..20] : descr)}' is not read here: "
                + "bool, (unsigned) integers and floats of up to 8 bytes in little-endian order are");
    }

    private bool Boolean()
    {
        Skip();
        foreach (var (word, value) in ((string, bool)[])[("True", true), ("False", false)])
        {
            if (string.CompareOrdinal(text, _at, word, 0, word.Length) == 0)
            {
                _at += word.Length;
                return value;
            }
        }

        throw Fault();
    }

    private List<long> Tuple()
    {
        var sizes = new List<long>();
        Expect('(');
        while (!Take(')'))
        {
            if (sizes.Count == MostDimensions)
            {
                throw new InvalidDataException($"it has more than {MostDimensions} dimensions");
            }

            sizes.Add(Size());
            if (!Take(','))
            {
                Expect(')');
                break;
            }
        }

        return sizes;
    }

    private long Size()
    {
        Skip();
        var start = _at;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]))
        {
            _at++;
        }

        if (!long.TryParse(text.AsSpan(start, _at - start), NumberStyles.None, CultureInfo.InvariantCulture, out var size))
        {
            throw new InvalidDataException("its shape holds something that is not a size");
        }

        // Python 2 wrote long integers with a trailing L.
        Take('L');
        return size;
    }

    private string Quoted()
    {
        Skip();
        var quote = _at < text.Length ? text[_at] : '\0';
        var end = quote is '\'' or '"' ? text.IndexOf(quote, _at + 1) : -1;
        if (end < 0)
        {
            throw Fault();
        }

        var inside = text[(_at + 1)..end];
        _at = end + 1;
        return inside;
    }

    private bool Take(char c)
    {
        Skip();
        if (_at < text.Length && text[_at] == c)
        {
            _at++;
            return true;
        }

        return false;
    }

    private void Expect(char c)
    {
        if (!Take(c))
        {
            throw Fault();
        }
    }

    private void Skip()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
    }

    private static InvalidDataException Fault() => new("its npy header is not well formed");
}
