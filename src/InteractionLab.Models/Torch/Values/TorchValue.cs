using static TorchSharp.torch;

namespace InteractionLab.Models.Torch.Values;

/// <summary>What a name of the graph stands for during a run: a tensor, a small array on the host, or both.</summary>
internal sealed class TorchValue : IDisposable
{
    private bool borrowed;
    private Tensor? tensor;

    private TorchValue(HostArray? host, Tensor? tensor, bool borrowed)
    {
        Host = host;
        this.tensor = tensor;
        this.borrowed = borrowed;
    }

    /// <summary>The host's copy; null where only a tensor is there.</summary>
    public HostArray? Host { get; }

    /// <summary>The tensor where one exists already.</summary>
    public Tensor? Existing => tensor;

    public long[] Shape => Host?.Shape ?? tensor!.shape;

    /// <summary>A tensor that this value owns.</summary>
    public static TorchValue Own(Tensor tensor) => new(null, tensor, borrowed: false);

    /// <summary>A tensor that somebody else owns.</summary>
    public static TorchValue Borrow(Tensor tensor) => new(null, tensor, borrowed: true);

    public static TorchValue Of(HostArray host) => new(host, null, borrowed: false);

    /// <summary>A host array that stays for the life of the network, as does the tensor made from it; <see cref="Close"/> frees it.</summary>
    public static TorchValue Constant(HostArray host) => new(host, null, borrowed: true);

    /// <summary>A tensor that stays for the life of the network; <see cref="Close"/> frees it.</summary>
    public static TorchValue Constant(Tensor tensor) => new(null, tensor, borrowed: true);

    /// <summary>The tensor, made from the host's copy the first time.</summary>
    public Tensor Tensor(Device device) => tensor ??= Host!.ToTensor(device);

    /// <summary>Gives the tensor away (an alias of what somebody else owns): it is no longer disposed here.</summary>
    public Tensor Release(Device device)
    {
        var present = Tensor(device);
        if (borrowed)
        {
            return present.alias();
        }

        borrowed = true;
        return present;
    }

    /// <summary>Frees what this value owns, after a pass.</summary>
    public void Dispose()
    {
        if (!borrowed)
        {
            Close();
        }
    }

    /// <summary>Frees the tensor, whoever made it.</summary>
    public void Close()
    {
        tensor?.Dispose();
        tensor = null;
    }
}
