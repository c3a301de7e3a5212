using InteractionLab.Experiments;

namespace InteractionLab.Server.Jobs;

/// <summary>Jobs: queue, runner, results and live news.</summary>
internal static class JobsFeature
{
    public static IServiceCollection AddJobs(this IServiceCollection services)
    {
        foreach (var experiment in ExperimentCatalog.All)
        {
            services.AddSingleton(experiment);
        }

        services.AddSingleton<ExperimentRegistry>();
        services.AddSingleton<JobStates>();
        services.AddSingleton<JobTurns>();
        services.AddSingleton<QueueStorage>();
        services.AddSingleton<JobStore>();
        services.AddSingleton<JobEvents>();
        services.AddSingleton<CellStore>();
        services.AddSingleton<JobOutputs>();
        services.AddSingleton<PartialResults>();
        services.AddSingleton<ResultService>();
        services.AddSingleton<JobContexts>();
        services.AddSingleton<RunningJobs>();
        services.AddSingleton<Followers>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<JobService>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton<IJobQueue, HangfireJobQueue>();
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
        return services;
    }
}
