using System.Runtime.InteropServices;

namespace InteractionLab.Models.Images;

/// <summary>The TurboJPEG interface of libjpeg-turbo, which reports faults by return value.</summary>
internal static unsafe partial class TurboJpeg
{
    public const int PixelRgb = 0;
    public const int PixelGray = 6;
    public const int SpaceGray = 2;
    public const int SpaceCmyk = 3;
    public const int SpaceYcck = 4;
    public const int FlagAccurateDct = 4096;

    /// <summary>Stops files that make the decoder work through hundreds of progressive scans.</summary>
    public const int FlagLimitScans = 32768;

    private const string Library = "libturbojpeg.so.0";

    public static ImageLibraryMissingException Missing(DllNotFoundException e) => new(Library, "libturbojpeg0", e);

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader(nint handle, byte* bytes, nuint size, out int width, out int height, out int subsampling, out int colourSpace);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(nint handle, byte* bytes, nuint size, byte* pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    private static partial byte* GetErrorStr(nint handle);

    [LibraryImport(Library, EntryPoint = "tjGetErrorCode")]
    private static partial int GetErrorCode(nint handle);

    /// <summary>What the library says of the last fault.</summary>
    public static string Fault(nint handle) => Marshal.PtrToStringUTF8((nint)GetErrorStr(handle)) ?? "damaged";

    /// <summary>
    /// Whether the last fault left the picture whole. Of libjpeg's warnings only stray bytes between segments do;
    /// the others (data that end early, bad codes) leave grey areas, which must not pass for data.
    /// </summary>
    public static bool IsHarmless(nint handle) =>
        GetErrorCode(handle) == 0 && Fault(handle).Contains("extraneous bytes", StringComparison.Ordinal);
}
