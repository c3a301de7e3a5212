using System.Text.Json;
using System.Text.Json.Nodes;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>Some samples of a dataset of their own: the training or testing samples of a spec.</summary>
/// <param name="name">The field of the spec: <c>train</c>, <c>test</c>, <c>evaluation</c>.</param>
/// <param name="canBeAll">Whether the samples may be left out.</param>
public sealed class SplitForm(string name, bool canBeAll = false)
{
    /// <summary>The field of the spec.</summary>
    public string Name => name;

    /// <summary>Id of the dataset.</summary>
    public string Dataset { get; set; } = "";

    /// <summary>Which samples.</summary>
    public SamplesForm Samples { get; } = new(name + ".", canBeAll);

    /// <summary>The paths of the fields of a split with this name.</summary>
    public static string[] PathsOf(string name) => [name, name + ".dataset", .. SamplesForm.PathsOf(name + ".")];

    /// <summary>The field of a spec.</summary>
    public JsonObject ToJson() => new JsonObject { ["dataset"] = Dataset }.With("samples", Samples.ToJson());

    /// <summary>Takes over what a spec says.</summary>
    public void ReadFrom(JsonElement spec)
    {
        if (spec.Get(name) is not { } split)
        {
            return;
        }

        Dataset = split.Read("dataset") ?? Dataset;
        if (split.Get("samples") is { } samples)
        {
            Samples.ReadFrom(samples);
        }
        else if (canBeAll)
        {
            Samples.Mode = "all";
        }
    }

    /// <summary>Takes the first four fifths of a dataset for training and the rest for testing, where both splits would be the same samples.</summary>
    /// <param name="train">The training split.</param>
    /// <param name="test">The testing split.</param>
    /// <param name="count">Samples of their dataset.</param>
    /// <param name="most">The most samples of each.</param>
    public static void Part(SplitForm train, SplitForm test, int count, int most = int.MaxValue)
    {
        var cut = count - (count / 5);
        (train.Samples.Mode, train.Samples.From, train.Samples.To) = ("range", "0", $"{Math.Min(cut, most)}");
        (test.Samples.Mode, test.Samples.From, test.Samples.To) = ("range", $"{cut}", $"{(int)Math.Min(count, cut + (long)most)}");
    }
}
