using InteractionLab.Server.Components.Experiments;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;

namespace InteractionLab.Server.Components.Results;

/// <summary>The dataset whose samples a job shows.</summary>
internal sealed class JobDatasets(DatasetService datasets)
{
    /// <summary>The dataset the job's spec names. Null where it names none, and where it was deleted since: then there are no pictures and no names.</summary>
    public async Task<DatasetView?> FindAsync(JobView job, CancellationToken cancellation)
    {
        if (job.Spec.Read("dataset") is not { } id)
        {
            return null;
        }

        try
        {
            return await datasets.FindAsync(id, cancellation);
        }
        catch (NotFoundException)
        {
            return null;
        }
    }
}
