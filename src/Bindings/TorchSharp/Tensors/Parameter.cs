namespace TorchSharp.Modules;

/// <summary>A tensor that training changes: a leaf that shares the memory of the tensor it is made from.</summary>
public class Parameter : torch.Tensor
{
    public Parameter(torch.Tensor data, bool requires_grad = true)
        : base(Leaf(data))
    {
        this.requires_grad = requires_grad;
    }

    private static nint Leaf(torch.Tensor data)
    {
        using var leaf = data.detach();
        return leaf.DecoupleFromNativeHandle();
    }
}
