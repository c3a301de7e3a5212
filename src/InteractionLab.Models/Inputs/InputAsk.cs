using InteractionLab.Models.Datasets;

namespace InteractionLab.Models.Inputs;

/// <summary>What an input of a model is fed with.</summary>
public enum InputRole
{
    /// <summary>The token ids: the sample itself.</summary>
    Ids,

    /// <summary>1 where a token is not [PAD], else 0.</summary>
    Mask,

    /// <summary>0 everywhere: one text, of the first kind.</summary>
    Types,

    /// <summary>0, 1, 2, ... along the text.</summary>
    Positions,

    /// <summary>Pictures [batch, channels, height, width], as datasets hold them.</summary>
    ChannelsFirst,

    /// <summary>Pictures [batch, height, width, channels].</summary>
    ChannelsLast,
}

/// <summary>What is known of how a model's inputs are to be fed.</summary>
/// <param name="Roles">Roles by the input's name, where a person says so; null leaves them all to <see cref="ModelInputs"/>.</param>
/// <param name="Kind">What the samples are; null where there is no dataset.</param>
/// <param name="SampleShape">Shape of one sample.</param>
/// <param name="Pad">The id of [PAD] in texts.</param>
public sealed record InputAsk(IReadOnlyDictionary<string, InputRole>? Roles = null, SampleKind? Kind = null, IReadOnlyList<int>? SampleShape = null, int? Pad = null)
{
    /// <summary>Equal asks read a model alike; the text is a key.</summary>
    public override string ToString() => FormattableString.Invariant(
        $"{string.Join(',', (Roles ?? new Dictionary<string, InputRole>()).OrderBy(role => role.Key, StringComparer.Ordinal).Select(role => $"{role.Key.Length} {role.Key}={role.Value}"))}|{Kind}|{(SampleShape is null ? "" : string.Join('x', SampleShape))}|{Pad}");
}
