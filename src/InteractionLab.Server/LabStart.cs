using InteractionLab.Server.Jobs;
using InteractionLab.Server.Store;

namespace InteractionLab.Server;

/// <summary>The order of things at start and at the end: store, then jobs left over, then the queue; and back.</summary>
internal sealed class LabStart(StoreStart store, Reconciler reconciler, IJobQueue queue, DiskReserve disk) : IHostedService
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await store.RunAsync(cancellationToken);
        await reconciler.RunAsync(cancellationToken);
        disk.Start();
        await queue.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await queue.StopAsync(cancellationToken);
        store.Stop();
    }
}
