using System.Runtime.InteropServices;

namespace InteractionLab.Benchmarks;

/// <summary>The processor time of the calling thread (Linux).</summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    public static double Milliseconds()
    {
        if (GetTime(ThreadProcessorTime, out var time) != 0)
        {
            throw new PlatformNotSupportedException("This machine has no clock of a thread's processor time.");
        }

        return (1e3 * time.Seconds) + (1e-6 * time.Nanoseconds);
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeOfThread time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeOfThread
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
