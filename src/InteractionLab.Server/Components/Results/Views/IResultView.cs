using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results.Views;

/// <summary>How the job page shows the results of some kinds of experiment: what it reads, its tabs, and the component that draws them.</summary>
internal interface IResultView
{
    /// <summary>A component derived from <see cref="ResultView"/>.</summary>
    Type Component { get; }

    /// <summary>Whether it shows the results of a kind.</summary>
    bool Shows(string kind);

    /// <summary>The tabs in their order; the first is the one without a choice. The page adds the files.</summary>
    IReadOnlyList<ResultTab> Tabs(ResultContext context);

    /// <summary>What the finished cells of a job support; null while there are none.</summary>
    /// <param name="job">The job as it stands.</param>
    /// <param name="before">What was read last of the same job, for what does not change; null at first.</param>
    /// <param name="cancellation">Stops reading.</param>
    Task<ResultContext?> ReadAsync(JobView job, ResultContext? before, CancellationToken cancellation);
}

/// <summary>A tab of a job page.</summary>
/// <param name="Name">In the address.</param>
/// <param name="Title">What a person reads.</param>
public sealed record ResultTab(string Name, string Title);

/// <summary>The views, one a kind.</summary>
internal sealed class ResultViews(IEnumerable<IResultView> views)
{
    private readonly IResultView[] _views = [.. views];

    /// <summary>The view of a kind; null where a kind has none, whose page shows its tables and files.</summary>
    public IResultView? Find(string kind) => _views.FirstOrDefault(view => view.Shows(kind));
}
