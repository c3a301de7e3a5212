using System.ComponentModel.DataAnnotations;
using System.Globalization;
using InteractionLab.Models.Datasets;

namespace InteractionLab.Server.Configuration;

/// <summary>Settings of the server: section <c>Lab</c> of appsettings.json, <c>Lab__Key</c> in the environment, <c>--Lab:Key=value</c> on the command line.</summary>
internal sealed class LabOptions
{
    /// <summary>The name of the configuration section.</summary>
    public const string Section = "Lab";

    /// <summary>Every setting with its default, in words.</summary>
    public static IEnumerable<(string Name, string Default)> Defaults
    {
        get
        {
            var options = new LabOptions();
            return typeof(LabOptions).GetProperties().Where(property => property.CanWrite).Select(property => (property.Name, property.GetValue(options) switch
            {
                null => "none",
                string[] { Length: 0 } => "none",
                var value => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            }));
        }
    }

    /// <summary>The data directory; a relative path is taken from the working directory.</summary>
    [Required]
    public string Data { get; set; } = "data";

    /// <summary>Register the demonstration model and data at start and queue a job on them.</summary>
    public bool Demo { get; set; }

    /// <summary>Host names the server answers to beside <c>localhost</c>, <c>127.0.0.1</c> and <c>[::1]</c> while it listens on loopback only.</summary>
    public string[] Hosts { get; set; } = [];

    /// <summary>The most bytes of a model file: 1 KiB to 2 GiB, the most a protobuf message may have.</summary>
    [Range(1L << 10, (2L << 30) - 1)]
    public long MaxModelBytes { get; set; } = 1L << 30;

    /// <summary>The most bytes of a dataset upload, all files together.</summary>
    [Range(1L << 10, 1L << 40)]
    public long MaxDatasetBytes { get; set; } = 4L << 30;

    /// <summary>The most files of a dataset upload.</summary>
    [Range(1, 100_000)]
    public int MaxDatasetFiles { get; set; } = 2_000;

    /// <summary>The most entries of an uploaded zip.</summary>
    [Range(1, 10_000_000)]
    public int MaxZipEntries { get; set; } = 100_000;

    /// <summary>The most bytes a dataset may unpack to.</summary>
    [Range(1L << 10, 1L << 42)]
    public long MaxUnpackedBytes { get; set; } = 8L << 30;

    /// <summary>The most bytes of a request that is not an upload, and so of a spec.</summary>
    [Range(1L << 10, 1L << 30)]
    public long MaxRequestBytes { get; set; } = 1L << 20;

    /// <summary>The most uploads received at once; further ones wait. They are written to disk as they come, so many cost little.</summary>
    [Range(1, 1_000)]
    public int ParallelUploads { get; set; } = 64;

    /// <summary>The fewest bytes a second that a request must come with, on average over its first seconds and after: what is slower is cut off (408).</summary>
    [Range(1, 1L << 30)]
    public long MinUploadBytesPerSecond { get; set; } = 4096;

    /// <summary>The most seconds that the check of an uploaded model may take.</summary>
    [Range(1, 86_400)]
    public int MaxCheckSeconds { get; set; } = 20;

    /// <summary>The most forward passes one job may ask for.</summary>
    [Range(1L, long.MaxValue)]
    public long MaxForwardPasses { get; set; } = 1_000_000_000;

    /// <summary>The most bytes of outputs of networks kept for later jobs (a table of 10 players takes 8 KiB); the least recently used go first. 0 keeps none.</summary>
    [Range(0L, 1L << 42)]
    public long CacheBytes { get; set; } = 2L << 30;

    /// <summary>Jobs that run at once. Each gets an equal part of the processors; one alone uses them all, or the whole accelerator, so the default is 1.</summary>
    [Range(1, 64)]
    public int ParallelJobs { get; set; } = 1;

    /// <summary>The most bytes of GPU memory that one network takes for its tensors in ONNX Runtime; null for what the GPU has. Runs that find none halve their batch.</summary>
    [Range(1L << 20, 1L << 50)]
    public long? GpuMemoryBytes { get; set; }

    /// <summary>The most jobs that wait at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxQueuedJobs { get; set; } = 10_000;

    /// <summary>How often a job may bring the server down in a row, without finishing a cell in between, before it is given up.</summary>
    [Range(1, 1_000)]
    public int MaxRecoveries { get; set; } = 10;

    /// <summary>Days a finished job is kept; null keeps it until somebody deletes it.</summary>
    [Range(1, 36_500)]
    public int? KeepFinishedDays { get; set; }

    /// <summary>The bounds of one dataset import.</summary>
    public ImportLimits ImportLimits => new() { MaxEntries = MaxZipEntries, MaxUnpackedBytes = MaxUnpackedBytes };
}
