using InteractionLab.Models.Datasets;
using InteractionLab.Server.Components.Datasets;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Errors;
using Microsoft.AspNetCore.Components;
using Radzen;

namespace InteractionLab.Server.Components.Pages;

/// <summary>One dataset: what it is, and its samples as pictures or rows.</summary>
public sealed partial class DatasetPage
{
    private const int PageSize = 48;
    private const int MostColumns = 16;

    private DatasetView? dataset;
    private IReadOnlyList<SampleRow> samples = [];
    private Fault? fault;
    private Fault? refusal;

    /// <summary>The dataset.</summary>
    [Parameter]
    public string Id { get; set; } = "";

    /// <summary>Page of samples, from 1.</summary>
    [SupplyParameterFromQuery]
    public string? Page { get; set; }

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private DialogService Dialogs { get; set; } = default!;

    [Inject]
    private NotificationService Notifications { get; set; } = default!;

    private int Pages => Math.Max(1, ((dataset?.Count ?? 0) + PageSize - 1) / PageSize);

    private int Current => Math.Clamp(Number(Page) ?? 1, 1, Pages);

    private int First => (Current - 1) * PageSize;

    private int Last => Math.Min(First + PageSize, dataset?.Count ?? 0) - 1;

    private IEnumerable<string> Columns => SampleRow.Columns(dataset!, MostColumns);

    /// <inheritdoc/>
    protected override Task OnParametersSetAsync() => LoadAsync();

    private async Task LoadAsync() => fault = await TryAsync(async token =>
    {
        if (dataset?.Id != Id)
        {
            dataset = await Datasets.FindAsync(Id, token);
        }

        samples = await SampleRow.ReadAsync(Datasets, dataset, First, Last, MostColumns, token);
    });

    private async Task DeleteAsync()
    {
        if (!await Dialogs.AskAsync("Delete this dataset?", $"“{dataset!.Name}” and its {Text.Count(dataset.Count, "sample")} are removed. Results of finished jobs stay.", "Delete"))
        {
            return;
        }

        refusal = await TryAsync(token => Datasets.DeleteAsync(Id, token));
        if (refusal is null)
        {
            Notifications.Done($"{dataset.Name} is deleted");
            Navigation.NavigateTo("datasets");
        }
    }
}
