using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch.Values;
using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Graph;

/// <summary>A compiled node and the slots it reads and writes; -1 is an input or output that is absent.</summary>
internal sealed record Step(string Label, Kernel Kernel, int[] Inputs, int[] Outputs)
{
    /// <summary>Runs the node: on the host where it can and all its inputs are there, else on torch.</summary>
    public void Run(Frame frame)
    {
        if (Kernel.Host is null || !TryHost(frame))
        {
            Kernel.Run(new Call(frame, this));
        }
    }

    private bool TryHost(Frame frame)
    {
        foreach (var slot in Inputs)
        {
            if (slot >= 0 && frame[slot]!.Host is null)
            {
                return false;
            }
        }

        var results = Kernel.Host!(Array.ConvertAll(Inputs, slot => slot < 0 ? null : frame[slot]!.Host));
        for (var i = 0; i < results?.Length && i < Outputs.Length; i++)
        {
            if (Outputs[i] >= 0)
            {
                frame[Outputs[i]] = TorchValue.Of(results[i]);
            }
        }

        return results is not null;
    }
}

/// <summary>The values of one forward pass. Owns those that were computed in it.</summary>
internal sealed class Frame(TorchValue?[] values, Device device, ForwardMode mode, Generator? random) : IDisposable
{
    public Device Device => device;

    public ForwardMode Mode => mode;

    public Generator? Random => random;

    public TorchValue? this[int slot]
    {
        get => values[slot];
        set => values[slot] = value;
    }

    /// <summary>Takes a value out of the frame.</summary>
    public Tensor Release(int slot) => values[slot]!.Release(device);

    public void Free(int slot)
    {
        values[slot]?.Dispose();
        values[slot] = null;
    }

    public void Dispose()
    {
        foreach (var value in values)
        {
            value?.Dispose();
        }
    }
}

/// <summary>What a node sees of the pass it runs in.</summary>
internal readonly ref struct Call(Frame frame, Step step)
{
    /// <summary>Inputs the node names, absent ones included.</summary>
    public int Count => step.Inputs.Length;

    public bool Training => frame.Mode == ForwardMode.Training;

    public Device Device => frame.Device;

    /// <summary>Where random numbers come from; null is the device's own stream.</summary>
    public Generator? Random => frame.Random;

    /// <summary>An input as a tensor.</summary>
    public Tensor this[int input]
    {
        get
        {
            var value = Value(input);
            return value.Existing ?? value.Tensor(frame.Device);
        }
    }

    public bool Has(int input) => input < step.Inputs.Length && step.Inputs[input] >= 0;

    public bool Wants(int output) => output < step.Outputs.Length && step.Outputs[output] >= 0;

    public Tensor? Maybe(int input) => Has(input) ? this[input] : null;

    /// <summary>The host's copy of an input where there is one already.</summary>
    public HostArray? Known(int input) => Has(input) ? Value(input).Host : null;

    /// <summary>An input's elements as integers; computed ones are read from the device.</summary>
    public long[] Integers(int input) => Value(input) is { Host: { } host } ? host.ToIntegers() : Read(this[input]);

    public long Integer(int input) => Integers(input) is [var value] ? value : throw new ModelRejectedException($"input {input} must be one number");

    public double Real(int input) => Value(input) is { Host: { Count: 1 } host } ? host.Real(0) : ReadReal(this[input]);

    public double[] Reals(int input) => Value(input) is { Host: { } host } ? host.ToReals() : this[input].Reals();

    public long[] Shape(int input) => Value(input).Shape;

    public int Rank(int input) => Value(input).Shape.Length;

    public void Set(int output, Tensor tensor) => frame[step.Outputs[output]] = TorchValue.Own(tensor);

    public void Set(int output, HostArray array) => frame[step.Outputs[output]] = TorchValue.Of(array);

    private TorchValue Value(int input) => frame[step.Inputs[input]]!;

    private static long[] Read(Tensor values)
    {
        using var scope = NewDisposeScope();
        return values.detach().cpu().type(ScalarType.Int64).Elements<long>();
    }

    private static double ReadReal(Tensor values) =>
        values.Reals() is [var value] ? value : throw new ModelRejectedException($"an input of {values.NumberOfElements} elements stands where one number is needed");
}
