using System.Runtime.InteropServices;
using InteractionLab.Models.Masking;

namespace InteractionLab.Models.Execution;

/// <summary>What the machine calls its processors.</summary>
internal static unsafe class Hardware
{
    private static readonly Lazy<RuntimeDevice> TheCpu = new(() => new(DeviceKind.Cpu, CpuName(), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
    private static readonly Lazy<(nint Name, nint Memory)> Driver = new(FindDriver);

    /// <summary>The CPU; its memory is what the process may use.</summary>
    public static RuntimeDevice Cpu => TheCpu.Value;

    /// <summary>The processor's name, or that of the first GPU that an executor uses.</summary>
    public static string NameOf(DeviceKind device) => device == DeviceKind.Cuda ? Gpu(0, "CUDA").Name : Cpu.Name;

    /// <summary>The NVIDIA GPU with CUDA's number <paramref name="index"/>, as its driver describes it.</summary>
    /// <param name="index">0 is the first.</param>
    /// <param name="otherwise">Its name where the driver does not tell.</param>
    public static RuntimeDevice Gpu(int index, string otherwise)
    {
        const int Room = 256;
        var (name, memory) = Driver.Value;
        if (name == 0 || memory == 0)
        {
            return new(DeviceKind.Cuda, otherwise, null);
        }

        var text = stackalloc byte[Room];
        nuint bytes;
        var told = ((delegate* unmanaged<byte*, int, int, int>)name)(text, Room, index) == 0;
        var counted = ((delegate* unmanaged<nuint*, int, int>)memory)(&bytes, index) == 0;
        return new(DeviceKind.Cuda, told ? Marshal.PtrToStringUTF8((nint)text)! : otherwise, counted ? (long)bytes : null);
    }

    private static string CpuName()
    {
        const string Info = "/proc/cpuinfo";
        var model = File.Exists(Info) ? File.ReadLines(Info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        var cores = ProcessorShare.Processors;
        return $"{model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "CPU"}, {cores} {(cores == 1 ? "core" : "cores")}";
    }

    // The driver's C interface is the same for every CUDA version; without a driver there is no library of that name.
    private static (nint Name, nint Memory) FindDriver()
    {
        if (!NativeLibrary.TryLoad("libcuda.so.1", out var library)
            || !NativeLibrary.TryGetExport(library, "cuInit", out var initialise)
            || !NativeLibrary.TryGetExport(library, "cuDeviceGetName", out var name)
            || !NativeLibrary.TryGetExport(library, "cuDeviceTotalMem_v2", out var memory)
            || ((delegate* unmanaged<uint, int>)initialise)(0) != 0)
        {
            return default;
        }

        return (name, memory);
    }
}
