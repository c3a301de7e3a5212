using System.Text.Json;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace InteractionLab.Server.Components.Pages;

/// <summary>The list of datasets, and the form to add one.</summary>
public sealed partial class DatasetsPage
{
    private Page<DatasetView>? list;
    private Fault? fault;
    private bool adding;

    /// <summary>The cursor of the page shown.</summary>
    [SupplyParameterFromQuery]
    public string? After { get; set; }

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private NotificationService Notifications { get; set; } = default!;

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync() => fault = await TryAsync(async token => list = await Datasets.ListAsync(null, After, token));

    private async Task UploadedAsync(JsonElement dataset)
    {
        Notifications.Done($"{dataset.GetProperty("name").GetString()} is registered");
        adding = false;
        Navigation.NavigateTo($"datasets/{dataset.GetProperty("id").GetString()}");
        await LoadAsync();
    }
}
