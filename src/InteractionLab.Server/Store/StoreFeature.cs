using System.Data.Common;
using InteractionLab.Experiments;
using InteractionLab.Server.Configuration;
using Microsoft.Data.Sqlite;
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
        services.AddDbContextFactory<LabDb>((provider, options) => options
            .UseSqlite(ConnectionString(provider.GetRequiredService<DataDirectory>().Database))
            .AddInterceptors(BusyTimeout.Instance));
        services.AddSingleton<StoreStart>();
        return services;
    }

    /// <summary>The connection string of a SQLite file of ours.</summary>
    public static string ConnectionString(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 60 }.ToString();

    /// <summary>Lets SQLite itself wait for another writer, which it does in finer steps than the driver.</summary>
    private sealed class BusyTimeout : DbConnectionInterceptor
    {
        public static readonly BusyTimeout Instance = new();

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            Set(connection);
            return Task.CompletedTask;
        }

        private static void Set(DbConnection connection)
        {
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA busy_timeout = 30000";
            command.ExecuteNonQuery();
        }
    }
}
