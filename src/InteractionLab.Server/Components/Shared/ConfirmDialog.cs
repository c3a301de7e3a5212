using Radzen;

namespace InteractionLab.Server.Components.Shared;

/// <summary>Asks before something is destroyed.</summary>
internal static class ConfirmDialog
{
    /// <summary>True when the person confirmed.</summary>
    public static async Task<bool> AskAsync(this DialogService dialogs, string title, string question, string action) =>
        await dialogs.OpenAsync<ConfirmQuestion>(
            title,
            new Dictionary<string, object?> { [nameof(ConfirmQuestion.Question)] = question, [nameof(ConfirmQuestion.Action)] = action },
            new DialogOptions { CloseDialogOnEsc = true, AutoFocusFirstElement = false, CssClass = "confirm-dialog", Width = "min(440px, calc(100vw - 32px))" }) is true;

    /// <summary>Tells, briefly, that something was done.</summary>
    public static void Done(this NotificationService notifications, string what) =>
        notifications.Notify(new NotificationMessage { Severity = NotificationSeverity.Success, Summary = what, Duration = 4000 });

    /// <summary>Tells that something was refused, and why.</summary>
    public static void Refused(this NotificationService notifications, string what, string why) =>
        notifications.Notify(new NotificationMessage { Severity = NotificationSeverity.Error, Summary = what, Detail = why, Duration = 12000 });
}
