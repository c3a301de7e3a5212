using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers on the CPU, fixed by its seed.</summary>
    public sealed unsafe class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            Loader.Require();
            if (device is { type: not DeviceType.CPU })
            {
                throw new ArgumentException($"Generators exist on the CPU only, not on {device}.", nameof(device));
            }

            nint made;
            NativeMethods.Check(NativeMethods.lab_generator_new(seed, &made));
            _handle = made;
        }

        private Generator(nint handle) => _handle = handle;

        ~Generator() => Dispose();

        /// <summary>The CPU's own stream, which operators without a generator draw from.</summary>
        public static Generator Default
        {
            get
            {
                Loader.Require();
                nint made;
                NativeMethods.Check(NativeMethods.lab_generator_default(&made));
                return new Generator(made);
            }
        }

        public IntPtr Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device => CPU;

        public Generator manual_seed(long seed)
        {
            NativeMethods.Check(NativeMethods.lab_generator_seed(Handle, (ulong)seed));
            return this;
        }

        public long initial_seed() => (long)NativeMethods.lab_generator_current(Handle);

        /// <summary>Takes a seed from the system and gives it back.</summary>
        public long seed()
        {
            ulong taken;
            NativeMethods.Check(NativeMethods.lab_generator_random_seed(Handle, &taken));
            return (long)taken;
        }

        public Tensor get_state()
        {
            nint state;
            NativeMethods.Check(NativeMethods.lab_generator_state(Handle, &state));
            return Tensor.Own(state);
        }

        public void set_state(Tensor value) => NativeMethods.Check(NativeMethods.lab_generator_set_state(Handle, value.Handle));

        public void Dispose()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
            {
                NativeMethods.lab_generator_free(handle);
            }

            GC.SuppressFinalize(this);
        }
    }

    /// <summary>The default streams.</summary>
    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static long initial_seed() => torch.initial_seed();

        public static long seed() => torch.seed();

        public static Tensor get_rng_state() => torch.get_rng_state();

        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);
    }

    /// <summary>Seeds the default streams of all devices.</summary>
    public static Generator manual_seed(long seed)
    {
        Loader.Require();
        NativeMethods.Check(NativeMethods.lab_manual_seed((ulong)seed));
        return Generator.Default;
    }

    public static long initial_seed() => Generator.Default.initial_seed();

    public static long seed() => Generator.Default.seed();

    public static Tensor get_rng_state() => Generator.Default.get_state();

    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);
}
