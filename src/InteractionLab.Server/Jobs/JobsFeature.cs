using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Store;
using Microsoft.Extensions.Options;
using Quartz;

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
        services.AddSingleton<IJobQueue, QuartzJobQueue>();
        services.AddSingleton<Retention>();
        services.AddHostedService(provider => provider.GetRequiredService<Retention>());
        return services.AddQuartzStore();
    }

    private static IServiceCollection AddQuartzStore(this IServiceCollection services)
    {
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler =>
            {
                // A fixed instance: after a crash this process finds what it was delivering under its own name.
                scheduler.InstanceName = "InteractionLab";
                scheduler.InstanceId = "lab";
                scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
            });
            // The connection string comes with QuartzSettings, when the data directory is known.
            quartz.UsePersistentStore(persistent => persistent
                .UseSqlite(source => source.ConnectionString = "Data Source=:memory:")
                .ProvisionSchema());
        });
        services.AddSingleton<QuartzSettings>();
        services.AddSingleton<IPostConfigureOptions<ThreadPoolOptions>>(p => p.GetRequiredService<QuartzSettings>());
        services.AddSingleton<IPostConfigureOptions<DataSourceOptions>>(p => p.GetRequiredService<QuartzSettings>());
        return services;
    }

    /// <summary>What Quartz needs of our options, under whatever name it asks for its own.</summary>
    private sealed class QuartzSettings(DataDirectory data, IOptions<LabOptions> lab) : IPostConfigureOptions<ThreadPoolOptions>, IPostConfigureOptions<DataSourceOptions>
    {
        public void PostConfigure(string? name, ThreadPoolOptions options) => options.MaxConcurrency = lab.Value.ParallelJobs;

        public void PostConfigure(string? name, DataSourceOptions options) => options.ConnectionString = SqliteStore.ConnectionString(data.QueueDatabase);
    }
}
