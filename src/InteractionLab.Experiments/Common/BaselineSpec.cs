using System.Text.Json;
using System.Text.Json.Serialization;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Experiments.Common;

/// <summary>What absent cells become.</summary>
public enum BaselineKind
{
    /// <summary>The mean of the cell over the dataset.</summary>
    DatasetMean,

    /// <summary>Zero in the network's input space (after normalisation); of text the token [PAD]; at a cut a tensor of zeros.</summary>
    Zero,

    /// <summary>A number given, in the network's input space or in the cut tensor.</summary>
    Constant,

    /// <summary>A token of the vocabulary, texts only; [MASK] where it has one and none is given. At a cut what the network makes of a text all of whose words are that token.</summary>
    Token,

    /// <summary>The mean over the sample's own positions, at a cut only: of a text over its words, so the mean embedding of the sentence.</summary>
    SampleMean,
}

/// <summary>The baseline (method.md §1). Default: <c>dataset-mean</c>, of texts <c>token</c>.</summary>
public sealed record BaselineSpec
{
    /// <summary>The kind.</summary>
    public BaselineKind Type { get; init; }

    /// <summary>The number of <c>constant</c>, or one number a channel (pictures) or column (tables), or a vector for every position (cut tensors [positions, width]); the id of <c>token</c>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(NumbersConverter))]
    public IReadOnlyList<double>? Value { get; init; }

    /// <summary>Reads the field; the default where it is absent, null where it is wrong.</summary>
    internal static BaselineSpec? Read(SpecValue? value)
    {
        if (value is not { } given)
        {
            return new BaselineSpec { Type = BaselineKind.DatasetMean, IsImplied = true };
        }

        if (given.AsObject() is not { } fields)
        {
            return null;
        }

        var type = fields.Require("type")?.AsEnum<BaselineKind>();
        var numbers = ReadNumbers(fields.Get("value"));
        if (type == BaselineKind.Constant)
        {
            fields.Require("value");
        }
        else if (type == BaselineKind.Token && fields.Has("value") && fields.Get("value")?.AsInteger(0, int.MaxValue) is { } id)
        {
            numbers = [id];
        }
        else if (type is not (null or BaselineKind.Token) && fields.Has("value"))
        {
            fields.Fault("value", "only a constant or a token takes a value");
        }

        fields.RejectUnknown();
        return type is null ? null : new BaselineSpec { Type = type.Value, Value = numbers };
    }

    /// <summary>Whether nobody asked for it.</summary>
    [JsonIgnore]
    internal bool IsImplied { get; private init; }

    /// <summary>Checks the baseline against the samples; gives it with what the dataset decides filled in.</summary>
    internal BaselineSpec Resolve(DatasetSummary dataset, SpecFaults faults)
    {
        if (Type == BaselineKind.SampleMean)
        {
            faults.Add("baseline.type", "sample-mean is the mean over positions of a cut tensor: it needs a cut");
            return this;
        }

        if (dataset.Vocabulary is { } vocabulary)
        {
            return OfText(vocabulary, faults);
        }

        if (Type == BaselineKind.Token)
        {
            faults.Add("baseline.type", "token needs a dataset of texts; use dataset-mean, zero or constant");
        }

        Check(dataset.SampleShape, faults);
        return this;
    }

    /// <summary>The same where a tensor between is masked, of the shape given.</summary>
    internal BaselineSpec ResolveAtCut(DatasetSummary dataset, MaskedSpace cut, SpecFaults faults)
    {
        if (dataset.Vocabulary is { } vocabulary && (Type == BaselineKind.Token || IsImplied))
        {
            return OfText(vocabulary, faults);
        }

        if (Type == BaselineKind.Token)
        {
            faults.Add("baseline.type", "token needs a dataset of texts; use dataset-mean, zero, constant or sample-mean");
        }

        if (Type == BaselineKind.SampleMean && cut.Shape.Count < 2)
        {
            faults.Add("baseline.type", $"sample-mean is a mean over positions; {cut.Described}");
        }

        if (cut.IsChannelsLast && (Type == BaselineKind.SampleMean || Value is { Count: > 1 }))
        {
            faults.Add(Type == BaselineKind.SampleMean ? "baseline.type" : "baseline.value", $"goes by channels, and {cut.Described} with the channels last; cut in front of the Transpose or behind the next one");
            return this;
        }

        var channels = cut.Shape[ChannelAxis(cut.Shape)];
        if (Value is { Count: not 1 } && Value.Count != channels)
        {
            faults.Add("baseline.value", $"{Value.Count} numbers; give one, or {channels}: {cut.Described}");
        }

        return this;
    }

    /// <summary>The axis that one number each of <see cref="Value"/> goes with: channels come first, but behind the positions of [positions, width].</summary>
    internal static int ChannelAxis(IReadOnlyList<int> shape) => shape.Count == 2 ? 1 : 0;

    private BaselineSpec OfText(TokenVocabulary vocabulary, SpecFaults faults)
    {
        if (Type is BaselineKind.Constant || (Type is BaselineKind.DatasetMean && !IsImplied))
        {
            faults.Add("baseline.type", "words have no mean and no constant; use token or zero ([PAD])");
            return this;
        }

        if (Type == BaselineKind.Zero)
        {
            return this;
        }

        if (Value is null && vocabulary.Mask is null)
        {
            faults.Add(IsImplied ? "baseline" : "baseline.value", "the vocabulary has no [MASK]: which token absent words become is required");
        }
        else if (Value is [var id] && id >= vocabulary.Count)
        {
            faults.Add("baseline.value", $"token {id} is outside 0..{vocabulary.Count - 1}, the vocabulary's ids");
        }

        return new BaselineSpec { Type = BaselineKind.Token, Value = Value ?? [vocabulary.Mask ?? 0] };
    }

    private void Check(IReadOnlyList<int> shape, SpecFaults faults)
    {
        if (Value is { Count: not 1 } && Value.Count != shape[0])
        {
            faults.Add("baseline.value", $"{Value.Count} numbers; give one, or {shape[0]} for samples of shape {Shapes.Show(shape)}");
        }
    }

    /// <summary>The baseline of every cell of a sample.</summary>
    internal float[] Of(IReadOnlyList<int> shape, Func<float[]> mean)
    {
        if (Type == BaselineKind.DatasetMean)
        {
            return mean();
        }

        var baseline = new float[shape.Aggregate(1, (product, side) => product * side)];
        for (var i = 0; Type is BaselineKind.Constant or BaselineKind.Token && i < baseline.Length; i++)
        {
            baseline[i] = (float)Value![Value.Count == 1 ? 0 : i / (baseline.Length / shape[0])];
        }

        return baseline;
    }

    private static double[]? ReadNumbers(SpecValue? value)
    {
        if (value is not { } given)
        {
            return null;
        }

        // float.MaxValue: the network computes in single precision.
        IReadOnlyList<SpecValue>? items = given.Kind == JsonValueKind.Array ? given.AsList() : [given];
        var numbers = items?.Select(item => item.AsNumber(-float.MaxValue, float.MaxValue)).ToArray();
        return numbers is null || numbers.Contains(null) ? null : [.. numbers.Select(number => number!.Value)];
    }

    private sealed class NumbersConverter : JsonConverter<IReadOnlyList<double>>
    {
        public override IReadOnlyList<double>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? [reader.GetDouble()] : JsonSerializer.Deserialize<double[]>(ref reader, options);

        public override void Write(Utf8JsonWriter writer, IReadOnlyList<double> value, JsonSerializerOptions options)
        {
            if (value.Count == 1)
            {
                writer.WriteNumberValue(value[0]);
            }
            else
            {
                JsonSerializer.Serialize(writer, value.ToArray(), options);
            }
        }
    }
}
