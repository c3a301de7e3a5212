using InteractionLab.Server.Datasets;
using InteractionLab.Server.Models;
using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Experiments;

/// <summary>The component that draws a kind's form.</summary>
/// <typeparam name="TForm">The form.</typeparam>
public abstract class SpecFields<TForm> : ComponentBase
    where TForm : ISpecForm
{
    /// <summary>The form.</summary>
    [Parameter, EditorRequired]
    public TForm Form { get; set; } = default!;

    /// <summary>The faults the server found in it.</summary>
    [Parameter, EditorRequired]
    public FormFaults Faults { get; set; } = FormFaults.None;

    /// <summary>The models there are.</summary>
    [Parameter]
    public IReadOnlyList<ModelView> Models { get; set; } = [];

    /// <summary>The datasets there are.</summary>
    [Parameter]
    public IReadOnlyList<DatasetView> Datasets { get; set; } = [];

    /// <summary>Says that a field has changed.</summary>
    [Parameter]
    public EventCallback OnChanged { get; set; }

    /// <summary>Says that a field has changed.</summary>
    protected Task Changed() => OnChanged.InvokeAsync();
}
