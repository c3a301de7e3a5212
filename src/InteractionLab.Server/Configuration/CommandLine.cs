namespace InteractionLab.Server.Configuration;

/// <summary>What the program does instead of serving: a name, and the file it is about.</summary>
internal sealed record LabCommand(string Name, string? File);

/// <summary>The command line: a command or none, <c>--urls URLS --data DIR --demo</c>, and any configuration key as <c>--Section:Key=value</c>.</summary>
internal static class CommandLine
{
    public const string Usage =
        """
        InteractionLab.Server [--urls URLS] [--data DIR] [--demo] [--Section:Key VALUE ...]
          --urls URLS  where to listen; default http://127.0.0.1:5080. There is no login: anyone who reaches it may use it.
          --data DIR   the data directory; default data/ under the working directory.
          --demo       register a small model and data set and queue a job on them.
        InteractionLab.Server backup FILE [--data DIR]   write a backup of a lab, which may run; FILE.gz is compressed.
        InteractionLab.Server restore FILE [--data DIR]  put one back into a lab that is stopped; what was there goes to quarantine/.
        InteractionLab.Server recover [--data DIR]       make the catalogue of a stopped lab again from its files.
        """;

    /// <summary>The usage, and every setting with its default.</summary>
    public static string Help => string.Join(Environment.NewLine, (string[])[Usage, $"Settings, as --{LabOptions.Section}:NAME VALUE, {LabOptions.Section}__NAME in the environment or in appsettings.json:", .. LabOptions.Defaults.Select(setting => $"  {setting.Name,-26} {setting.Default}")]);

    /// <summary>The command, null where the server is to run, and the arguments behind it.</summary>
    /// <exception cref="StartException">There is no such command, or its file is missing.</exception>
    public static (LabCommand? Command, string[] Options) Split(string[] args) => args switch
    {
        ["backup" or "restore", var file, ..] when !file.StartsWith("--", StringComparison.Ordinal) => (new(args[0], Path.GetFullPath(file)), args[2..]),
        ["backup" or "restore", ..] => throw new StartException($"{args[0]} needs a file.{Environment.NewLine}{Usage}"),
        ["recover", ..] => (new(args[0], null), args[1..]),
        _ => (null, args),
    };

    /// <summary>The configuration the arguments ask for.</summary>
    /// <exception cref="StartException">An argument is not understood.</exception>
    public static Dictionary<string, string?> Parse(IReadOnlyList<string> args)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Count; i++)
        {
            var arg = args[i];
            if (!arg.StartsWith("--", StringComparison.Ordinal))
            {
                throw new StartException($"'{arg}' is not an option.{Environment.NewLine}{Usage}");
            }

            var equals = arg.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? arg[2..] : arg[2..equals];
            var value = equals < 0 ? null : arg[(equals + 1)..];
            if (string.Equals(name, "demo", StringComparison.OrdinalIgnoreCase))
            {
                settings[KeyOf(name)] = value ?? "true";
                continue;
            }

            value ??= ++i < args.Count && !args[i].StartsWith("--", StringComparison.Ordinal) ? args[i] : throw new StartException($"--{name} needs a value.{Environment.NewLine}{Usage}");
            settings[KeyOf(name)] = value;
        }

        return settings;
    }

    private static string KeyOf(string name) => name.ToLowerInvariant() switch
    {
        "urls" => "urls",
        "data" => $"{LabOptions.Section}:{nameof(LabOptions.Data)}",
        "demo" => $"{LabOptions.Section}:{nameof(LabOptions.Demo)}",
        "environment" => "environment",
        _ when name.Contains(':', StringComparison.Ordinal) => name,
        _ => throw new StartException($"There is no option --{name}.{Environment.NewLine}{Usage}"),
    };
}

/// <summary>The server cannot start; the message is for the person who started it.</summary>
internal sealed class StartException(string message, Exception? inner = null) : Exception(message, inner);
