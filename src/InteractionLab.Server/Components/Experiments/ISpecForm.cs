using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>A kind's form: fields to spec and back.</summary>
public interface ISpecForm
{
    /// <summary>The paths of the fields that show their own faults.</summary>
    IReadOnlyCollection<string> Fields { get; }

    /// <summary>What is still missing before the server can be asked what it costs; null where nothing is.</summary>
    string? Missing { get; }

    /// <summary>Whether an experiment of this kind starts from a registered model.</summary>
    bool NeedsModel { get; }

    /// <summary>Whether it starts from a registered dataset.</summary>
    bool NeedsDataset { get; }

    /// <summary>The spec as the API takes it.</summary>
    JsonObject ToSpec();

    /// <summary>Takes over what a spec says.</summary>
    void ReadFrom(JsonElement spec);

    /// <summary>Chooses where there is only one choice, once, in an empty form.</summary>
    void StartWith(IReadOnlyList<ModelView> models, IReadOnlyList<DatasetView> datasets);
}
