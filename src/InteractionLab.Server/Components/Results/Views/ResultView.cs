using Microsoft.AspNetCore.Components;

namespace InteractionLab.Server.Components.Results.Views;

/// <summary>
/// The component of an <see cref="IResultView"/>. It is given the selections of the address and asks for others; it never
/// reads the address itself.
/// </summary>
public abstract class ResultView : ComponentBase
{
    /// <summary>What is shown; of the type its <see cref="IResultView"/> reads.</summary>
    [Parameter, EditorRequired]
    public ResultContext Result { get; set; } = default!;

    /// <summary>The tab shown: one of the view's.</summary>
    [Parameter, EditorRequired]
    public string Tab { get; set; } = "";

    /// <summary>The selections in the address.</summary>
    [Parameter, EditorRequired]
    public Selections Chosen { get; set; } = default!;

    /// <summary>Asks for other selections.</summary>
    [Parameter]
    public EventCallback<Change> OnQuery { get; set; }
}
