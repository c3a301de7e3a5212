using System.Net.Sockets;
using InteractionLab.Models.Execution;
using InteractionLab.Server.Api;
using InteractionLab.Server.Components;
using InteractionLab.Server.Configuration;
using InteractionLab.Server.Datasets;
using InteractionLab.Server.Demo;
using InteractionLab.Server.Errors;
using InteractionLab.Server.Jobs;
using InteractionLab.Server.Models;
using InteractionLab.Server.Security;
using InteractionLab.Server.Status;
using InteractionLab.Server.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;

namespace InteractionLab.Server;

/// <summary>The server, composed of its features.</summary>
internal static class LabApplication
{
    private const string DefaultUrls = "http://127.0.0.1:5080";

    /// <summary>Builds the server; nothing is opened yet.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Last changes, for tests.</param>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        var settings = CommandLine.Parse(args);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseStaticWebAssets();
        builder.WebHost.UseUrls(CheckUrls(builder.Configuration["urls"] ?? DefaultUrls));
        // A server that does not start says why in one line (Explain); the host's own report is a stack trace.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddLabOptions().AddErrors().AddSecurity().AddApi();
        // Hosted services start in this order: the store and what was left over first.
        builder.Services.AddHostedService<LabStart>();
        builder.Services.AddStore().AddModels().AddDatasets().AddJobs().AddStatus().AddDemo().AddDashboard();
        configure?.Invoke(builder);

        var app = builder.Build();
        app.UseSecurity().UseHeadRequests().UseErrors();
        app.UseStaticFiles();
        app.UseRouting();
        app.UseRateLimiter();
        app.UseAntiforgery();
        app.MapHealth();
        app.MapOpenApi("/openapi/v1.json");
        app.MapApi().MapStatus().MapModels().MapDatasets().MapJobs();
        app.MapApiNotFound();
        app.MapQueueDashboard().MapDashboard();
        return app;
    }

    /// <summary>Runs the server until it is told to stop, or does what a command says. What goes wrong gives one line and exit code 1.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Contains("--help"))
        {
            Console.WriteLine(CommandLine.Help);
            return 0;
        }

        try
        {
            var (command, options) = CommandLine.Split(args);
            await using var app = Build(options);
            if (command is not null)
            {
                await ObeyAsync(app.Services, command, Console.Out);
                return 0;
            }

            HangfireJobQueue.LogTo(app.Services.GetRequiredService<ILoggerFactory>());
            ShareMachine(app.Services.GetRequiredService<IOptions<LabOptions>>().Value);
            await app.RunAsync();
            return 0;
        }
#pragma warning disable CA1031 // However a server ends, a person is told in one line; a stack trace says nothing to them.
        catch (Exception error)
#pragma warning restore CA1031
        {
            await Console.Error.WriteLineAsync(Explain(error));
            return 1;
        }
    }

    /// <summary>Does what a command says, and reports on it.</summary>
    public static Task ObeyAsync(IServiceProvider services, LabCommand command, TextWriter report) => command.Name switch
    {
        "backup" => services.GetRequiredService<Backup>().RunAsync(command.File!, report, CancellationToken.None),
        "restore" => services.GetRequiredService<Restore>().RunAsync(command.File!, report, CancellationToken.None),
        _ => services.GetRequiredService<Recovery>().RunAsync(report, CancellationToken.None),
    };

    // The machine is shared by the process, not by a server: tests start many in one.
    private static void ShareMachine(LabOptions options)
    {
        ProcessorShare.Divide(options.ParallelJobs);
        DeviceMemory.LimitGpu(options.GpuMemoryBytes);
    }

    private static string CheckUrls(string urls)
    {
        try
        {
            foreach (var url in urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                BindingAddress.Parse(url);
            }

            return urls;
        }
        catch (FormatException error)
        {
            throw new StartException($"--urls {urls}: {error.Message}", error);
        }
    }

    // The binder's own words name its classes.
    private static string WordSettings(string message) => message.Contains("were not found", StringComparison.Ordinal)
        ? $"There is no setting {message[(message.LastIndexOf(':') + 1)..].Trim()} in {LabOptions.Section}; --help lists them."
        : message;

    /// <summary>One line on why the server did not start.</summary>
    public static string Explain(Exception error) => error switch
    {
        StartException or DataDirectoryException or InvalidDataException => error.Message,
        LabException lab => lab.Message,
        _ when DiskFull.Is(error) => $"The disk is full: {error.Message.ReplaceLineEndings(" ")} Free some space and start again.",
        SqliteException => $"The store cannot be used: {error.Message}",
        UnauthorizedAccessException => error.Message,
        OptionsValidationException options => string.Join(Environment.NewLine, options.Failures),
        InvalidOperationException when error.StackTrace?.Contains("ConfigurationBinder", StringComparison.Ordinal) is true => WordSettings(error.Message),
        SocketException or IOException { InnerException: not null } => $"The server cannot listen: {error.Message}",
        IOException => error.Message,
        _ => $"The server ended: {error.GetType().Name}: {error.Message.ReplaceLineEndings(" ")}",
    };
}
