using System.Runtime.InteropServices;
using System.Text;

namespace InteractionLab.Models.Images;

/// <summary>libpng's simplified interface (png_image_*), which reports faults by return value.</summary>
internal static unsafe partial class LibPng
{
    public const uint Version = 1;
    public const uint FormatGray = 0;
    public const uint FormatAlpha = 1;
    public const uint FormatColour = 2;

    /// <summary>16-bit samples are taken as sRGB, so that they scale to 8 bits linearly.</summary>
    public const uint Flag16BitSrgb = 4;

    private const string Library = "libpng16.so.16";

    public static ImageLibraryMissingException Missing(DllNotFoundException e) => new(Library, "libpng16-16", e);

    [LibraryImport(Library, EntryPoint = "png_image_begin_read_from_memory")]
    public static partial int BeginRead(Image* image, byte* memory, nuint size);

    [LibraryImport(Library, EntryPoint = "png_image_finish_read")]
    public static partial int FinishRead(Image* image, void* background, byte* buffer, int rowStride, void* colormap);

    [LibraryImport(Library, EntryPoint = "png_image_free")]
    public static partial void Free(Image* image);

    [LibraryImport(Library, EntryPoint = "png_image_write_to_memory")]
    public static partial int Write(Image* image, byte* memory, nuint* bytes, int convertTo8Bit, byte* buffer, int rowStride, void* colormap);

    /// <summary>png_image of png.h, 64-bit layout.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Image
    {
        public nint Opaque;
        public uint Version;
        public uint Width;
        public uint Height;
        public uint Format;
        public uint Flags;
        public uint ColormapEntries;
        public uint WarningOrError;
        public fixed byte Message[64];

        /// <summary>What libpng says of the last fault.</summary>
        public string Fault()
        {
            fixed (byte* message = Message)
            {
                var text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(message);
                return text.IsEmpty ? "damaged" : Encoding.ASCII.GetString(text);
            }
        }
    }
}
