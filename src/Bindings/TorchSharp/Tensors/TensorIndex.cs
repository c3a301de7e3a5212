using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One index of a tensor, as Python writes it between brackets.</summary>
    public struct TensorIndex
    {
        internal enum Kind : byte
        {
            None,
            Ellipsis,
            Single,
            Slice,
            Tensor,
            Bool,
        }

        internal Kind What;
        internal long? Start;
        internal long? Stop;
        internal long? Step;
        internal Tensor? Positions;

        /// <summary>All the dimensions that the other indices leave.</summary>
        public static readonly TensorIndex Ellipsis = new() { What = Kind.Ellipsis };

        /// <summary>A new dimension of extent 1.</summary>
        public static readonly TensorIndex None = new() { What = Kind.None };

        /// <inheritdoc cref="None"/>
        public static readonly TensorIndex Null = new() { What = Kind.None };

        /// <summary>A whole dimension.</summary>
        public static readonly TensorIndex Colon = new() { What = Kind.Slice };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new() { What = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int?, int?) range) => Slice(range.Item1, range.Item2);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value);

        public static TensorIndex Bool(bool value) => new() { What = Kind.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { What = index is null ? Kind.None : Kind.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { What = Kind.Tensor, Positions = tensor };

        /// <summary>The tensor or the number that indexes; slices and the like have none.</summary>
        /// <exception cref="InvalidCastException">The index is neither.</exception>
        public static implicit operator Tensor(TensorIndex value) => value.What switch
        {
            Kind.Tensor => value.Positions!,
            Kind.Single => torch.tensor(value.Start!.Value),
            _ => throw new InvalidCastException($"An index that is a {value.What} is not a tensor."),
        };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex((int?, int?) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);
    }

    public partial class Tensor
    {
        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => index(i1);
            set => index_put_(value, i1);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => index_put_(value, i1, i2);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => index_put_(value, i1, i2, i3);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => index_put_(value, i1, i2, i3, i4);
        }

        public Tensor index(params Tensor[] indices) => Aten.Call("index.Tensor", this, indices);

        public Tensor index(params TensorIndex[] indices)
        {
            var (view, positions) = View(indices);
            return positions is null ? view : Aten.Call("index.Tensor", view, positions);
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => Aten.InPlace("index_put_", this, indices, value, false);

        public Tensor index_put_(Scalar value, params Tensor[] indices) => index_put_(value.ToTensor(this), indices);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices) => index_put_(value.ToTensor(this), indices);

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var (view, positions) = View(indices);
            if (positions is null)
            {
                Aten.Do("copy_", view, value);
            }
            else
            {
                Aten.Do("index_put_", view, positions, value, false);
            }

            return this;
        }

        // The view that single indices, slices and new dimensions give, and the tensors that then index it, if any.
        private (Tensor View, Tensor?[]? Positions) View(TensorIndex[] indices)
        {
            var view = alias();
            var taken = indices.Count(index => index.What is TensorIndex.Kind.Single or TensorIndex.Kind.Slice)
                + indices.Where(index => index.What == TensorIndex.Kind.Tensor).Sum(index => index.Positions!.dtype == ScalarType.Bool ? (int)index.Positions.ndim : 1);
            var positions = new List<Tensor?>();
            var at = 0;
            foreach (var index in indices)
            {
                switch (index.What)
                {
                    case TensorIndex.Kind.Single:
                        view = view.select(at, index.Start!.Value);
                        break;
                    case TensorIndex.Kind.Slice:
                        if (index.Start is not null || index.Stop is not null || index.Step is not null)
                        {
                            view = Aten.Call("slice.Tensor", view, at, index.Start, index.Stop, index.Step ?? 1);
                        }

                        Skip(positions, ref at, 1);
                        break;
                    case TensorIndex.Kind.None:
                        view = view.unsqueeze(at);
                        Skip(positions, ref at, 1);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        Skip(positions, ref at, (int)ndim - taken);
                        break;
                    case TensorIndex.Kind.Bool:
                        view = view.unsqueeze(at++);
                        positions.Add(torch.tensor([index.Start != 0]).to(device));
                        break;
                    case TensorIndex.Kind.Tensor:
                        at += index.Positions!.dtype == ScalarType.Bool ? (int)index.Positions.ndim : 1;
                        positions.Add(index.Positions);
                        break;
                }
            }

            return positions.Exists(position => position is not null) ? (view, [.. positions]) : (view, null);
        }

        private static void Skip(List<Tensor?> positions, ref int at, int dimensions)
        {
            at += dimensions;
            positions.AddRange(Enumerable.Repeat<Tensor?>(null, dimensions));
        }
    }
}
