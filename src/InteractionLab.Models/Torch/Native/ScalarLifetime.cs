using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace InteractionLab.Models.Torch.Native;

/// <summary>
/// Keeps the numbers that TorchSharp hands to libtorch until nobody can read them any more. TorchSharp 0.107 makes a native
/// object for each (also the 1 in <c>a + b = a + 1·b</c>), frees it when the collector finalises the managed one, and does
/// not keep that alive through the native call: on a machine where several threads work, about one sum in 20,000 that a
/// collection met was computed with a number that had been freed already. Here the freeing function of its native half is
/// replaced by one that waits, in this process's memory.
/// </summary>
internal static unsafe partial class ScalarLifetime
{
    // No call of libtorch takes as long.
    private static readonly long Rest = 10 * Stopwatch.Frequency;

    private const int ReadWriteExecute = 7;
    private const int ReadExecute = 5;

    private static readonly Lock Gate = new();
    private static readonly Queue<(nint Scalar, long Since)> Retired = new();
    private static delegate* unmanaged[Cdecl]<nint, void> free;

    /// <summary>Replaces the function, once a process and before TorchSharp is first used.</summary>
    /// <param name="binding">TorchSharp's native half, loaded.</param>
    /// <exception cref="DllNotFoundException">The system does not let a program change its own code, or a library is not the one expected.</exception>
    public static void Extend(nint binding)
    {
        lock (Gate)
        {
            if (free is not null)
            {
                return;
            }

            if (!NativeLibrary.TryGetExport(binding, "THSTorch_dispose_scalar", out var function)
                || !NativeLibrary.TryLoad("libstdc++.so.6", out var standard) || !NativeLibrary.TryGetExport(standard, "_ZdlPv", out var delete))
            {
                throw new DllNotFoundException("TorchSharp's native half is not the one this program was made for");
            }

            free = (delegate* unmanaged[Cdecl]<nint, void>)delete;
            delegate* unmanaged[Cdecl]<nint, void> retire = &Retire;

            // movabs rax, address; jmp rax.
            Span<byte> jump = [0x48, 0xb8, .. BitConverter.GetBytes((long)retire), 0xff, 0xe0];
            var pageSize = Environment.SystemPageSize;
            var first = function & ~(nint)(pageSize - 1);
            var length = (nuint)(function + jump.Length - first);
            if (RuntimeInformation.ProcessArchitecture != Architecture.X64 || Protect(first, length, ReadWriteExecute) != 0)
            {
                throw new DllNotFoundException("this system does not let a program change its own code, without which TorchSharp computes some sums with numbers that were freed");
            }

            jump.CopyTo(new Span<byte>((void*)function, jump.Length));
            _ = Protect(first, length, ReadExecute);
        }
    }

    /// <summary>What TorchSharp's finalizers call instead: frees what has rested long enough.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Retire(nint scalar)
    {
        if (scalar == 0)
        {
            return;
        }

        var now = Stopwatch.GetTimestamp();
        lock (Gate)
        {
            Retired.Enqueue((scalar, now));
            while (Retired.TryPeek(out var oldest) && now - oldest.Since > Rest)
            {
                free(Retired.Dequeue().Scalar);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);
}
