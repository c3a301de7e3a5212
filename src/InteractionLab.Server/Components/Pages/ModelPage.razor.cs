using System.Text.Json;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Models;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace InteractionLab.Server.Components.Pages;

/// <summary>One model: its tensors, cuts and nodes, download, deletion.</summary>
public sealed partial class ModelPage
{
    private const int PageSize = 25;

    private ModelView? model;
    private IReadOnlyList<NodeSummary>? nodes;
    private IReadOnlyList<SuggestedCut>? cuts;
    private ModelOutputView? output;
    private Fault? fault;
    private Fault? cutsFault;
    private Fault? nodesFault;
    private Fault? refusal;
    private string? loaded;

    /// <summary>The model.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>Page of the table of nodes, from 1.</summary>
    [SupplyParameterFromQuery(Name = "nodes")]
    public string? Nodes { get; set; }

    [Inject]
    private ModelService Models { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private NotificationService Notifications { get; set; } = default!;

    private int NodePages => Math.Max(1, ((nodes?.Count ?? 0) + PageSize - 1) / PageSize);

    private int NodePage => Math.Clamp(Number(Nodes) ?? 1, 1, NodePages);

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        if (loaded != Id)
        {
            loaded = Id;
            await LoadAsync();
        }
    }

    private async Task LoadAsync()
    {
        (model, nodes, cuts, output) = (null, null, null, null);
        fault = await TryAsync(async token => model = await Models.FindAsync(Id, token));
        if (fault is null)
        {
            StateHasChanged();
            await LoadNodesAsync();

            // A file that cannot be read is said by its nodes.
            _ = await TryAsync(async token => output = await Models.OutputAsync(Id, token));
            await LoadCutsAsync();
        }
    }

    /// <summary>The form of a new experiment with the cut filled in.</summary>
    private string CutLink(SuggestedCut cut) =>
        $"experiments/new?model={Id}&spec={Uri.EscapeDataString(JsonSerializer.Serialize(new Dictionary<string, string> { ["cut"] = cut.Tensor }))}";

    private async Task LoadCutsAsync() => cutsFault = await TryAsync(async token => cuts = await Models.CutsAsync(Id, token));

    private async Task LoadNodesAsync() => nodesFault = await TryAsync(async token => nodes = await Models.NodesAsync(Id, token));

    private async Task DeleteAsync()
    {
        if (!await Dialogs.AskAsync("Delete this model?", $"“{model!.Name}” and its file are removed. Results of finished jobs stay.", "Delete"))
        {
            return;
        }

        refusal = await TryAsync(token => Models.DeleteAsync(Id, token));
        if (refusal is null)
        {
            Notifications.Done($"{model.Name} is deleted");
            Navigation.NavigateTo("models");
        }
    }
}
