using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Loads libtorch and looks for the device.</summary>
    /// <exception cref="DllNotFoundException">There is no libtorch here; the message says what to run.</exception>
    /// <exception cref="InvalidOperationException">The libtorch that is here has no such device.</exception>
    public static void InitializeDeviceType(DeviceType deviceType)
    {
        Loader.Require();
        if (!Present(deviceType))
        {
            throw new InvalidOperationException($"Torch device type {deviceType} did not initialise on the current machine.");
        }
    }

    /// <summary>Whether libtorch loads and has the device.</summary>
    public static bool TryInitializeDeviceType(DeviceType deviceType) => Loader.Problem is null && Present(deviceType);

    /// <summary>Loads libtorch and gives back the device, the CPU where none is named.</summary>
    /// <exception cref="DllNotFoundException">There is no libtorch here; the message says what to run.</exception>
    /// <exception cref="InvalidOperationException">The libtorch that is here has no such device.</exception>
    public static Device InitializeDevice(Device? device)
    {
        device ??= CPU;
        InitializeDeviceType(device.type);
        return device;
    }

    private static bool Present(DeviceType deviceType) => deviceType switch
    {
        DeviceType.CPU or DeviceType.META => true,
        DeviceType.CUDA => cuda.is_available(),
        _ => false,
    };
}
