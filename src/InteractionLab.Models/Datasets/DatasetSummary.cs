using System.Text.Json;
using System.Text.Json.Serialization;

namespace InteractionLab.Models.Datasets;

/// <summary>What the samples of a dataset are.</summary>
public enum SampleKind
{
    /// <summary>Pixels [channels, height, width].</summary>
    Image,

    /// <summary>Columns [d].</summary>
    Tabular,

    /// <summary>Token ids [length].</summary>
    Text,

    /// <summary>Tables of 2^n outputs computed elsewhere, for the <c>games</c> experiment: [2^n] doubles.</summary>
    Games,
}

/// <summary>What the lab says of a dataset.</summary>
/// <param name="Kind">Image, tabular, text or games.</param>
/// <param name="Format">The format it was uploaded in.</param>
/// <param name="Count">Samples.</param>
/// <param name="SampleShape">Shape of one sample as the network takes it, without the batch dimension.</param>
/// <param name="Classes">Number of classes, 0 where there are no labels.</param>
/// <param name="ClassNames">Names by class where the upload had them.</param>
/// <param name="ColumnNames">Names by column, tabular only.</param>
/// <param name="Options">The options of the upload with defaults filled in; <c>mean</c> and <c>std</c> as the numbers used; and what the import did that was not asked for (<c>greyToColour</c>, <c>turnedByExif</c>, <c>cutToLength</c>, <c>emptyClasses</c>, ...).</param>
public sealed record DatasetSummary(SampleKind Kind, string Format, int Count, IReadOnlyList<int> SampleShape, int Classes, IReadOnlyList<string>? ClassNames, IReadOnlyList<string>? ColumnNames, JsonElement Options)
{
    /// <summary>The token ids of text; null for other kinds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TokenVocabulary? Vocabulary { get; init; }
}

/// <summary>What the ids of text mean; the words themselves are <see cref="IDataset.Words"/>.</summary>
/// <param name="Count">Ids are 0 to Count - 1.</param>
/// <param name="Pad">The id behind the end of a text.</param>
/// <param name="Unknown">The id of words that the vocabulary lacks.</param>
/// <param name="Mask">The id that stands for an absent word; null where the vocabulary has none.</param>
public sealed record TokenVocabulary(int Count, int Pad, int Unknown, int? Mask);
