namespace InteractionLab.Models.Images;

/// <summary>A shared library that reads or writes pictures is not installed; the message names its Debian package.</summary>
public sealed class ImageLibraryMissingException(string library, string package, Exception? inner = null)
    : Exception($"Pictures of this kind need the shared library {library}, which is not installed (Debian package {package}).", inner)
{
    /// <summary>The Debian package that holds it.</summary>
    public string Package { get; } = package;
}
