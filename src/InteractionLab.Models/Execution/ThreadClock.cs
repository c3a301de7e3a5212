using System.Diagnostics;
using System.Runtime.InteropServices;

namespace InteractionLab.Models.Execution;

/// <summary>
/// Times work of the calling thread by its processor time, which other programs and threads on the machine disturb less than
/// they do the clock on the wall. Where the system has no such clock, it is the clock on the wall.
/// </summary>
public static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    /// <summary>The time now; only differences on one thread mean anything.</summary>
    public static TimeSpan Now => OperatingSystem.IsLinux() && GetTime(ThreadProcessorTime, out var time) == 0
        ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
        : Stopwatch.GetElapsedTime(0);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeOfThread time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeOfThread
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
