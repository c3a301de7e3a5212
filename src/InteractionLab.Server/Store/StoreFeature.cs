using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server.Store;

/// <summary>The store: the data directory, its database and its files.</summary>
internal static class StoreFeature
{
    public static IServiceCollection AddStore(this IServiceCollection services)
    {
        services.AddSingleton(provider => new DataDirectory(provider.GetRequiredService<IOptions<LabOptions>>().Value.Data));
        services.AddSingleton<FileStore>();
        services.AddSingleton<ILabCatalog, LabCatalog>();
        services.AddSingleton<ValueCache>();
        services.AddSingleton<IValueCache>(provider => provider.GetRequiredService<ValueCache>());
        services.AddSingleton<SpeedFile>();
        services.AddHostedService(provider => provider.GetRequiredService<SpeedFile>());
        services.AddPooledDbContextFactory<LabDb>((provider, options) => options
            .UseSqlite(SqliteStore.ConnectionString(provider.GetRequiredService<DataDirectory>().Database))
            .AddInterceptors(BusyWait.Instance)

            // Who asked gets the exception and says what it means; most are jobs that were cancelled while they asked.
            .ConfigureWarnings(warnings => warnings.Log((RelationalEventId.ConnectionError, LogLevel.Debug), (CoreEventId.QueryIterationFailed, LogLevel.Debug))));
        services.AddSingleton<SqliteStore>();
        services.AddSingleton<Manifests>();
        services.AddSingleton<FileChecks>();
        services.AddSingleton<DatasetFiles>();
        services.AddSingleton<DiskReserve>();
        services.AddSingleton<Quarantine>();
        services.AddSingleton<Restore>();
        services.AddSingleton<Backup>();
        services.AddSingleton<Recovery>();
        services.AddSingleton<StoreStart>();
        return services;
    }
}
