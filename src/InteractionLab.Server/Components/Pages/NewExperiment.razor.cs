using System.Text.Json;
using System.Text.Json.Nodes;
using InteractionLab.Server.Components.Experiments;
using InteractionLab.Server.Components.Shared;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Models;
using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;

namespace InteractionLab.Server.Components.Pages;

/// <summary>The form that queues an experiment: it knows the kind, shows the cost, and places every fault at its field.</summary>
public sealed partial class NewExperiment : IAsyncDisposable
{
    private const string DefaultKind = "masked-samples";
    private const int MostChoices = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(350);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, ISpecForm> forms = new() { [DefaultKind] = new MaskedSamplesForm(), ["games"] = new GamesForm() };
    private IReadOnlyList<ModelView> models = [];
    private IReadOnlyList<DatasetView> datasets = [];
    private string kind = DefaultKind;
    private string name = "";
    private string json = "";
    private bool ready;
    private bool submitting;
    private bool estimating;
    private bool unread;
    private bool showFault;
    private ElementReference form;
    private IJSObjectReference? module;
    private int version;
    private Fault? fault;
    private Fault? rest;
    private FormFaults faults = FormFaults.None;
    private EstimateView? estimate;

    /// <summary>Kind of experiment.</summary>
    [SupplyParameterFromQuery]
    public string? Kind { get; set; }

    /// <summary>A job whose spec the form starts with.</summary>
    [SupplyParameterFromQuery]
    public string? From { get; set; }

    /// <summary>The model to start with.</summary>
    [SupplyParameterFromQuery]
    public string? Model { get; set; }

    /// <summary>The dataset to start with.</summary>
    [SupplyParameterFromQuery]
    public string? Dataset { get; set; }

    /// <summary>A spec, or part of one, as JSON, to start with.</summary>
    [SupplyParameterFromQuery]
    public string? Spec { get; set; }

    [Inject]
    private IJSRuntime JS { get; set; } = default!;

    [Inject]
    private ModelService Models { get; set; } = default!;

    [Inject]
    private DatasetService Datasets { get; set; } = default!;

    [Inject]
    private JobService Jobs { get; set; } = default!;

    [Inject]
    private ExperimentRegistry Experiments { get; set; } = default!;

    private ISpecForm Current => forms[kind];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await module.DisposeQuietlyAsync();
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LoadAsync();

    // The fields show their faults with this render: now the first of them can take the focus.
    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!showFault)
        {
            return;
        }

        showFault = false;
        try
        {
            module ??= await JS.InvokeAsync<IJSObjectReference>("import", "/js/page.js");
            await module.InvokeVoidAsync("focusFault", form);
        }
        catch (Exception error) when (error is JSDisconnectedException or TaskCanceledException)
        {
            // The page is gone, and its focus with it.
        }
    }

    private async Task LoadAsync()
    {
        fault = await TryAsync(async token =>
        {
            models = (await Models.ListAsync(MostChoices, null, token)).Items;
            datasets = (await Datasets.ListAsync(MostChoices, null, token)).Items;
            kind = Kind is not null && forms.ContainsKey(Kind) ? Kind : DefaultKind;
            if (From is not null)
            {
                var job = await Jobs.FindAsync(From, token);
                kind = forms.ContainsKey(job.Kind) ? job.Kind : kind;
                name = job.Name;
                Current.ReadFrom(job.Spec);
            }

            Prefill();
            ready = true;
        });
        if (ready)
        {
            await Changed();
        }
    }

    private void Prefill()
    {
        var read = Spec is null ? null : TryParse(Spec);
        unread = Spec is not null && read is null;
        var given = read ?? [];

        if (Model is not null)
        {
            given["model"] = Model;
        }

        if (Dataset is not null)
        {
            given["dataset"] = Dataset;
        }

        if (given.Count > 0)
        {
            Current.ReadFrom(JsonSerializer.SerializeToElement(given));
        }

        if (Current is MaskedSamplesForm masked && From is null)
        {
            masked.Model = masked.Model.Length == 0 && models.Count == 1 ? models[0].Id : masked.Model;
            masked.Dataset = masked.Dataset.Length == 0 && datasets.Count == 1 ? datasets[0].Id : masked.Dataset;
            if (Spec is null)
            {
                masked.FitTo(datasets.FirstOrDefault(d => d.Id == masked.Dataset)?.Kind);
            }
        }
    }

    private static JsonObject? TryParse(string text)
    {
        try
        {
            return FormText.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private Task KindChanged(ChangeEventArgs e)
    {
        kind = e.Value?.ToString() ?? DefaultKind;
        SetQuery(new Dictionary<string, object?> { ["kind"] = kind }, replace: true);
        return Changed();
    }

    // Each change asks the server what it would cost; only the answer to the last change counts.
    private async Task Changed()
    {
        var mine = ++version;
        json = Body().ToJsonString(Indented);
        rest = null;
        if (Current.Missing is not null)
        {
            (faults, estimate) = (FormFaults.None, null);
            return;
        }

        estimating = true;
        var spec = JsonSerializer.SerializeToElement(Current.ToSpec());
        StateHasChanged();
        EstimateView? answer = null;
        var refused = await TryAsync(async token =>
        {
            await Task.Delay(Pause, token);
            answer = mine == version ? await Jobs.EstimateAsync(kind, spec, token) : null;
        });
        if (mine != version || Leaving.IsCancellationRequested)
        {
            return;
        }

        estimating = false;
        estimate = answer;
        Place(refused);
    }

    private async Task SubmitAsync()
    {
        if (submitting)
        {
            return;
        }

        version++;
        (submitting, estimating) = (true, false);
        var spec = JsonSerializer.SerializeToElement(Current.ToSpec());
        JobView? job = null;
        var refused = await TryAsync(async token => job = (await Jobs.SubmitAsync(kind, name.Trim() is { Length: > 0 } n ? n : null, spec, null, token)).Job);
        submitting = false;
        Place(refused);
        showFault = refused is not null;
        if (job is not null)
        {
            Navigation.NavigateTo($"jobs/{job.Id}");
        }
    }

    private void Place(Fault? refused)
    {
        faults = FormFaults.From(refused, Current.Fields);
        rest = refused is null || (faults.Unplaced.Count == 0 && refused.Errors.Count > 0) ? null
            : refused with { Errors = faults.Unplaced.GroupBy(f => f.Path).ToDictionary(g => g.Key, g => g.Select(f => f.Why).ToArray()) };
    }

    private JsonObject Body()
    {
        var body = new JsonObject { ["kind"] = kind };
        if (name.Trim().Length > 0)
        {
            body["name"] = name.Trim();
        }

        body["spec"] = Current.ToSpec();
        return body;
    }
}
