using System.Data.Common;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace InteractionLab.Server.Store;

/// <summary>
/// Waits for another writer in steps of 2 ms. The driver sleeps 150 ms between its tries, and SQLite's own busy timeout up to
/// 100 ms, so that of twelve writers at once the last comes after 0.4 s and with these steps after 0.08 s (docs/architecture.md).
/// </summary>
internal sealed class BusyWait : DbConnectionInterceptor
{
    public static readonly BusyWait Instance = new();

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    // Kept here, as SQLite holds only its address.
    private static readonly BusyHandler Handler = Wait;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int BusyHandler(nint state, int times);

    public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Set(connection);

    public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
    {
        Set(connection);
        return Task.CompletedTask;
    }

    private static void Set(DbConnection connection)
    {
        if (SetBusyHandler(((SqliteConnection)connection).Handle!, Handler, 0) is not 0 and var code)
        {
            throw new InvalidOperationException($"SQLite takes no busy handler (code {code}).");
        }
    }

    private static int Wait(nint state, int times)
    {
        if (times >= LongestWait / Step)
        {
            return 0;
        }

        Thread.Sleep(Step);
        return 1;
    }

    [DllImport("e_sqlite3", EntryPoint = "sqlite3_busy_handler", CallingConvention = CallingConvention.Cdecl)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetBusyHandler(SafeHandle connection, BusyHandler handler, nint state);
}
