using System.Text.Json;
using InteractionLab.Models.Onnx;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Models;
using InteractionLab.Server.Store;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace InteractionLab.Server.Components.Pages;

/// <summary>The list of models, and the form to add one.</summary>
public sealed partial class ModelsPage
{
    private Page<ModelView>? list;
    private Fault? fault;
    private bool adding;

    /// <summary>The cursor of the page shown.</summary>
    [SupplyParameterFromQuery]
    public string? After { get; set; }

    [Inject]
    private ModelService Models { get; set; } = default!;

    [Inject]
    private NotificationService Notifications { get; set; } = default!;

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LoadAsync();

    private static string Tensors(IReadOnlyList<TensorSummary> tensors) => string.Join("; ", tensors.Select(t => $"{t.Name} [{Text.Shape(t.Shape)}]"));

    private async Task LoadAsync() => fault = await TryAsync(async token => list = await Models.ListAsync(null, After, token));

    private async Task UploadedAsync(JsonElement model)
    {
        Notifications.Done($"{model.GetProperty("name").GetString()} is registered");
        adding = false;
        Navigation.NavigateTo($"models/{model.GetProperty("id").GetString()}");
        await LoadAsync();
    }
}
