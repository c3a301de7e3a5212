using System.Buffers.Binary;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using System.Text;

namespace InteractionLab.Models.Torch.Native;

/// <summary>
/// TorchSharp's native half is linked against GCC 13's C++ library, of which it needs one symbol that older systems (Debian
/// 12, Ubuntu 22.04) lack: a call that has an older library do what it does by itself when it is loaded. A copy in which that
/// symbol is one that every version has, with no effect when it is called, works there.
/// </summary>
internal static class OlderStandardLibrary
{
    private const string NewSymbol = "_ZSt21ios_base_library_initv";
    private const string NewVersion = "GLIBCXX_3.4.32";

    // std::locale::classic(): returns a reference and does nothing else.
    private const string OldSymbol = "_ZNSt6locale7classicEv";
    private const string OldVersion = "GLIBCXX_3.4";

    private const int SymbolSections = 11;
    private const int VersionSections = 0x6ffffffe;
    private const int SymbolSize = 24;

    /// <summary>Writes the copy, once a version of the library, into the user's cache directory.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="InvalidDataException">The library is not of the form expected: it lacks the symbol, or uses more that is new.</exception>
    /// <exception cref="IOException">The copy cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The copy cannot be written.</exception>
    [SupportedOSPlatform("linux")]
    public static string Adapt(string library)
    {
        var bytes = File.ReadAllBytes(library);
        var folder = Path.Combine(CacheFolder(), "interactionlab");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var copy = Path.Combine(folder, $"{Path.GetFileNameWithoutExtension(library)}-{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}.so");
        Patch(bytes);
        if (!File.Exists(copy) || !bytes.AsSpan().SequenceEqual(File.ReadAllBytes(copy)))
        {
            // Renamed into place, so that a program that starts beside this one never loads half of it.
            var temporary = Path.Combine(folder, Path.GetRandomFileName());
            File.WriteAllBytes(temporary, bytes);
            File.Move(temporary, copy, overwrite: true);
        }

        return copy;
    }

    /// <summary>Exchanges the symbol and its version in the bytes of a 64-bit little-endian ELF library.</summary>
    /// <exception cref="InvalidDataException">It is of another form.</exception>
    internal static void Patch(byte[] library)
    {
        var elf = new Elf(library);
        var (symbols, count) = elf.Section(SymbolSections, out var symbolNames);
        var place = -1;
        for (var at = symbols; at + SymbolSize <= symbols + count; at += SymbolSize)
        {
            if (elf.Text(symbolNames + elf.Int32(at)) == NewSymbol)
            {
                place = symbolNames + elf.Int32(at);
            }
        }

        if (place < 0)
        {
            throw new InvalidDataException($"it does not use {NewSymbol}, so what it lacks is something else");
        }

        // The version's entry is in the list of the C++ library's versions, beside the old one's, whose name it takes.
        var (needed, _) = elf.Section(VersionSections, out var versionNames);
        var (oldName, newEntry) = (-1, -1);
        for (int file = needed, step; ; file += step)
        {
            var entry = file + elf.Int32(file + 8);
            for (var left = elf.Int16(file + 2); left > 0; left--)
            {
                var name = elf.Int32(entry + 8);
                switch (elf.Text(versionNames + name))
                {
                    case OldVersion:
                        oldName = name;
                        break;
                    case NewVersion:
                        newEntry = entry;
                        break;
                }

                entry += elf.Int32(entry + 12);
            }

            step = elf.Int32(file + 12);
            if (step == 0)
            {
                break;
            }
        }

        if (oldName < 0 || newEntry < 0)
        {
            throw new InvalidDataException($"it does not name the versions {OldVersion} and {NewVersion}");
        }

        elf.Write(newEntry, Hash(OldVersion));
        elf.Write(newEntry + 8, oldName);
        var text = library.AsSpan(place, NewSymbol.Length);
        text.Clear();
        Encoding.ASCII.GetBytes(OldSymbol, text);
    }

    /// <summary>The hash of a version's name (System V ABI, "Hash Table").</summary>
    private static int Hash(string name)
    {
        uint hash = 0;
        foreach (var character in name)
        {
            hash = (hash << 4) + character;
            var high = hash & 0xf0000000;
            hash = (hash ^ (high >> 24)) & ~high;
        }

        return (int)hash;
    }

    private static string CacheFolder() =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache && Path.IsPathRooted(cache) ? cache
        : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { Length: > 0 } home && Directory.Exists(home) ? Path.Combine(home, ".cache")
        : Path.Combine(Path.GetTempPath(), $"interactionlab-{Environment.UserName}");

    private readonly struct Elf
    {
        private readonly byte[] _bytes;

        public Elf(byte[] bytes)
        {
            _bytes = bytes;
            if (bytes.Length < 64 || !bytes.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
            {
                throw new InvalidDataException("it is no 64-bit little-endian ELF library");
            }
        }

        /// <summary>Offset and length of the first section of a type, and where its names begin.</summary>
        public (int Offset, int Length) Section(int type, out int names)
        {
            var (headers, size, count) = (checked((int)Int64(0x28)), (int)Int16(0x3a), (int)Int16(0x3c));
            for (var i = 0; i < count; i++)
            {
                var header = headers + (i * size);
                if (Int32(header + 4) == type)
                {
                    names = checked((int)Int64(headers + (Int32(header + 40) * size) + 24));
                    return (checked((int)Int64(header + 24)), checked((int)Int64(header + 32)));
                }
            }

            throw new InvalidDataException($"it has no section of type {type:x}");
        }

        public string Text(int at)
        {
            var rest = At(at, 1, _bytes.Length - at);
            return Encoding.ASCII.GetString(rest[..Math.Max(0, rest.IndexOf((byte)0))]);
        }

        public ushort Int16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(At(at, 2));

        public int Int32(int at) => BinaryPrimitives.ReadInt32LittleEndian(At(at, 4));

        public void Write(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(At(at, 4), value);

        private long Int64(int at) => BinaryPrimitives.ReadInt64LittleEndian(At(at, 8));

        private Span<byte> At(int at, int least, int length = 0) => at >= 0 && at <= _bytes.Length - least
            ? _bytes.AsSpan(at, Math.Max(least, length))
            : throw new InvalidDataException("it is damaged");
    }
}
