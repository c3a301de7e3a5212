namespace InteractionLab.Server.Components.Layout;

/// <summary>The remembered choice of theme: a cookie that the switch writes and the document reads.</summary>
internal static class ThemeChoice
{
    public const string Cookie = "lab-theme";
    public const string System = "system";
    public const string Light = "light";
    public const string Dark = "dark";

    /// <summary>The choice a cookie value stands for; anything unknown follows the system.</summary>
    public static string Parse(string? value) => value is Light or Dark ? value : System;

    /// <summary>The choice that the switch moves to next.</summary>
    public static string Next(string current) => current switch { System => Light, Light => Dark, _ => System };
}
