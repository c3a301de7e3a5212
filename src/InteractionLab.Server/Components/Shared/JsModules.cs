using Microsoft.JSInterop;

namespace InteractionLab.Server.Components.Shared;

/// <summary>Helpers for script modules held by components.</summary>
internal static class JsModules
{
    /// <summary>Releases a module; a circuit that is already gone has released it.</summary>
    public static async ValueTask DisposeQuietlyAsync(this IJSObjectReference? module)
    {
        if (module is null)
        {
            return;
        }

        try
        {
            await module.DisposeAsync();
        }
        catch (JSDisconnectedException)
        {
        }
    }
}
