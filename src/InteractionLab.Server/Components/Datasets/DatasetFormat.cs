namespace InteractionLab.Server.Components.Datasets;

/// <summary>What the upload form says of a format.</summary>
internal sealed record DatasetFormat(string Name, string Title, string Hint, string Accept, bool Several = true, bool Pictures = false, bool HasLabelColumn = false)
{
    /// <summary>The formats offered, most common first.</summary>
    public static IReadOnlyList<DatasetFormat> All { get; } =
    [
        new("cifar10", "CIFAR-10 binary batches", "data_batch_*.bin or test_batch.bin; a file of class names (batches.meta.txt) may be added.", ".bin,.txt", Pictures: true),
        new("images", "Pictures (zip of class folders, PNG, JPEG, WebP, BMP)", "One zip with a folder a class, or single pictures of one size.", ".zip,.png,.jpg,.jpeg,.webp,.bmp", Pictures: true),
        new("idx", "IDX (MNIST files)", "The file of pictures and the file of labels.", ".gz,.idx,.idx3-ubyte,.idx1-ubyte,", Pictures: true),
        new("csv", "CSV table", "A header line, then numbers, separated by commas, semicolons or tabs; one column may hold the class.", ".csv,.tsv,.txt", Several: false, HasLabelColumn: true),
        new("tsv-text", "Text (tab-separated, with a vocabulary)", "A table with a header line, and the vocabulary: a word a line, [PAD] first. Words are split at spaces.", ".tsv,.txt", HasLabelColumn: true),
        new("npz", "NumPy archive (.npz)", "x [samples, ...] with y [samples], or v [games, 2^n]: games computed elsewhere.", ".npz", Several: false),
    ];
}
