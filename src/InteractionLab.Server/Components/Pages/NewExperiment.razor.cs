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

    private readonly ExperimentForms forms = new();
    private readonly HashSet<string> started = [];
    private IReadOnlyList<ModelView> models = [];
    private IReadOnlyList<DatasetView> datasets = [];
    private string kind = DefaultKind;
    private string name = "";
    private string json = "";
    private bool ready;
    private bool submitting;
    private bool estimating;
    private bool unread;
    private JobView? formless;
    private string? unknown;
    private bool placed;
    private bool showFault;
    private ElementReference form;
    private IJSObjectReference? module;
    private int version;
    private Fault? fault;
    private Fault? rest;
    private FormFaults faults = FormFaults.None;
    private JsonObject extras = [];
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

    private ISpecForm Current => forms.Form(kind);

    private string? Nothing => (Current.NeedsModel && models.Count == 0, Current.NeedsDataset && datasets.Count == 0) switch
    {
        (true, true) => "There is no model and no dataset yet. Add them first: ",
        (true, false) => "There is no model yet. Add one first: ",
        (false, true) => "There is no dataset yet. Add one first: ",
        _ => null,
    };

    private Dictionary<string, object> Parameters => new()
    {
        ["Form"] = Current,
        ["Faults"] = faults,
        ["Models"] = models,
        ["Datasets"] = datasets,
        ["OnChanged"] = EventCallback.Factory.Create(this, Changed),
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Dispose();
        await module.DisposeQuietlyAsync();
    }

    /// <inheritdoc/>
    protected override Task OnInitializedAsync() => LoadAsync();

    // The fields show their faults with this render: now closed groups around them can open, and the first take the focus.
    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (!placed)
        {
            return;
        }

        var call = showFault ? "focusFault" : "openFaults";
        (placed, showFault) = (false, false);
        try
        {
            module ??= await JS.InvokeAsync<IJSObjectReference>("import", "/js/page.js");
            await module.InvokeVoidAsync(call, form);
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
            (kind, unknown) = Kind is null ? (DefaultKind, null) : Known(Kind) ? (Kind, null) : (DefaultKind, Kind);
            if (From is not null)
            {
                var job = await Jobs.FindAsync(From, token);
                if (Known(job.Kind))
                {
                    (kind, name) = (job.Kind, job.Name);
                    Read(job.Spec);
                }
                else
                {
                    formless = job;
                }
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
        if (read is { Count: > 0 })
        {
            Read(JsonSerializer.SerializeToElement(read));
        }

        // Players that were asked for stay, whatever the dataset is: the server says what does not fit.
        Start(fits: From is null && read?["players"] is null);
    }

    // A kind starts with what the address names, the first time it is chosen: what was filled in since stays.
    private void Start(bool fits = true)
    {
        if (!started.Add(kind))
        {
            return;
        }

        var given = new JsonObject().With("model", Model).With("dataset", Dataset);
        if (given.Count > 0)
        {
            Current.ReadFrom(JsonSerializer.SerializeToElement(given));
        }

        if (fits)
        {
            Current.StartWith(models, datasets);
        }
    }

    private bool Known(string asked) => forms.Has(asked) && Experiments.Find(asked) is not null;

    // What the form has no field for goes back into the spec as it came.
    private void Read(JsonElement spec)
    {
        Current.ReadFrom(spec);
        extras.With(FormText.Unknown(spec, Current.Fields));
    }

    private JsonObject BuildSpec() => Current.ToSpec().With(extras);

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
        (kind, unknown) = (e.Value?.ToString() ?? DefaultKind, null);
        extras = [];
        SetQuery(new Dictionary<string, object?> { ["kind"] = kind }, replace: true);
        Start();
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
        var spec = JsonSerializer.SerializeToElement(BuildSpec());
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
        var spec = JsonSerializer.SerializeToElement(BuildSpec());
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
        placed = refused is not null;
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

        body["spec"] = BuildSpec();
        return body;
    }
}
