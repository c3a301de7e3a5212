using TorchSharp.Interop;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Neural networks.</summary>
    public static partial class nn
    {
        /// <summary>What a loss does with the losses of the samples.</summary>
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        /// <summary>Layers as functions.</summary>
        public static partial class functional
        {
            private static readonly long[] Ones1 = [1];
            private static readonly long[] Zeros1 = [0];
            private static readonly long[] Ones2 = [1, 1];
            private static readonly long[] Zeros2 = [0, 0];

            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();
            public static Tensor relu6(Tensor x, bool inplace = false) => inplace ? x.relu6_() : x.relu6();
            public static Tensor gelu(Tensor x) => x.gelu();
            public static Tensor selu(Tensor x, bool inplace = false) => inplace ? x.selu_() : x.selu();
            public static Tensor elu(Tensor x, double alpha, bool inplace = false) => Aten.Call("elu", x, (Scalar)alpha);
            public static Tensor celu(Tensor x, double alpha, bool inplace = false) => Aten.Call("celu", x, (Scalar)alpha);
            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => inplace ? input.hardsigmoid_() : input.hardsigmoid();
            public static Tensor hardswish(Tensor input, bool inplace = false) => inplace ? input.hardswish_() : input.hardswish();
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => Aten.Call("leaky_relu", input, (Scalar)negative_slope);
            public static Tensor Mish(Tensor x) => Aten.Call("mish", x);
            public static Tensor Softsign(Tensor x) => x / (x.abs() + 1);
            public static Tensor Hardtanh(Tensor x, double min_val = -1, double max_val = 1, bool inplace = false) => Aten.Call("hardtanh", x, (Scalar)min_val, (Scalar)max_val);
            public static Tensor Hardshrink(Tensor x, double lambda = 0.5) => Aten.Call("hardshrink", x, (Scalar)lambda);
            public static Tensor Softshrink(Tensor x, double lambda = 0.5) => Aten.Call("softshrink", x, (Scalar)lambda);
            public static Tensor Threshold(Tensor x, double threshold, double value, bool inplace = false) => Aten.Call("threshold", x, (Scalar)threshold, (Scalar)value);
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) => Aten.Call("softplus", x, (Scalar)beta, (Scalar)threshold);
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
            public static Tensor log_softmax(Tensor x, long dim) => x.log_softmax(dim);
            public static Tensor glu(Tensor input, long dim = -1) => Aten.Call("glu", input, dim);

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => Aten.Call("linear", input, weights, bias);
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) => Aten.Call("conv1d", input, weight, bias, new long[] { stride ?? 1 }, new long[] { padding ?? 0 }, new long[] { dilation ?? 1 }, groups);
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => Aten.Call("conv2d", input, weight, bias, strides ?? Ones2, padding ?? Zeros2, dilation ?? Ones2, groups);
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) => Aten.Call("conv3d", input, weight, bias, strides ?? Ones1, padding ?? Zeros1, dilation ?? Ones1, groups);
            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) => Aten.Call("adaptive_avg_pool1d", input, new long[] { output_size });
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) => Aten.Call("adaptive_avg_pool2d", input, output_size);
            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) => adaptive_avg_pool2d(input, [output_size.Item1, output_size.Item2]);
            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => adaptive_avg_pool2d(input, [output_size, output_size]);
            public static Tensor adaptive_avg_pool3d(Tensor input, long[] output_size) => Aten.Call("adaptive_avg_pool3d", input, output_size);

            public static Tensor batch_norm(Tensor input, Tensor? running_mean, Tensor? running_var, Tensor? weight = null, Tensor? bias = null, bool training = false, double momentum = 0.1, double eps = 1e-05) => Aten.Call("batch_norm", input, weight, bias, running_mean, running_var, training, momentum, eps, true);
            public static Tensor instance_norm(Tensor input, Tensor? running_mean = null, Tensor? running_var = null, Tensor? weight = null, Tensor? bias = null, bool use_input_stats = true, double momentum = 0.1, double eps = 1e-05) => Aten.Call("instance_norm", input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, true);
            public static Tensor layer_norm(Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) => Aten.Call("layer_norm", input, normalized_shape, weight, bias, eps);
            public static Tensor group_norm(Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-05) => Aten.Call("group_norm", input, num_groups, weight, bias, eps);
            public static Tensor local_response_norm(Tensor input, long size, double alpha = 0.0001, double beta = 0.75, double k = 1)
            {
                // The mean of the squares over `size` neighbouring channels, padded with zeros: PyTorch's definition.
                var shape = input.shape;
                var squares = input.mul(input).unsqueeze(1).reshape(shape[0], 1, shape[1], -1);
                var padded = Aten.Call("constant_pad_nd", squares, new long[] { 0, 0, size / 2, (size - 1) / 2 }, (Scalar)0.0);
                var mean = Aten.Call("avg_pool2d", padded, new long[] { size, 1 }, new long[] { 1, 1 }).reshape(shape);
                return input / (mean * alpha + k).pow(beta);
            }

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Aten.Call("dropout", input, p, training);
            public static Tensor one_hot(Tensor x, long num_classes = -1) => Aten.Call("one_hot", x, num_classes);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => Aten.Call("constant_pad_nd", input, pad, (Scalar)value),
                PaddingModes.Reflect => Aten.Call($"reflection_pad{pad.Length / 2}d", input, pad),
                PaddingModes.Replicate => Aten.Call($"replication_pad{pad.Length / 2}d", input, pad),
                PaddingModes.Circular => Aten.Call("_pad_circular", input, pad),
                _ => throw new ArgumentException($"Padding cannot be {mode}.", nameof(mode)),
            };

            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, pad.ToArray(), mode, value);
            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2], mode, value);
            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) => functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            public static Tensor cross_entropy(Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean, double label_smoothing = 0) => Aten.Call("cross_entropy_loss", input, target, weight, (long)reduction, ignore_index, label_smoothing);
            public static Tensor nll_loss(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Aten.Call("nll_loss_nd", input, target, weight, (long)reduction);
            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.Call("mse_loss", input, target, (long)reduction);
            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) => Aten.Call("l1_loss", input, target, (long)reduction);
            public static Tensor smooth_l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1) => Aten.Call("smooth_l1_loss", input, target, (long)reduction, beta);
            public static Tensor binary_cross_entropy(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) => Aten.Call("binary_cross_entropy", input, target, weight, (long)reduction);
            public static Tensor binary_cross_entropy_with_logits(Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? pos_weights = null) => Aten.Call("binary_cross_entropy_with_logits", input, target, weight, pos_weights, (long)reduction);
            public static Tensor kl_div(Tensor input, Tensor target, bool log_target = true, Reduction reduction = Reduction.Mean) => Aten.Call("kl_div", input, target, (long)reduction, log_target);
            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-08) => Aten.Call("cosine_similarity", x1, x2, dim, eps);

            public static Tensor upsample_nearest2d(Tensor input, long[]? outputSizes = null, double[]? scaleFactors = null) => Aten.Call("upsample_nearest2d.vec", input, outputSizes, scaleFactors);
            public static Tensor upsample_nearest1d(Tensor input, long? outputSize, double? scaleFactor) => Aten.Call("upsample_nearest1d.vec", input, outputSize is { } size ? new long[] { size } : null, scaleFactor is { } scale ? new double[] { scale } : null);
            public static Tensor upsample_bilinear(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) => Aten.Call("upsample_bilinear2d.vec", x, size, align_corners, scale_factor);

            public static Tensor upsample_nearest(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) => Aten.Call($"upsample_nearest{x.ndim - 2}d.vec", x, size, scale_factor);
            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null) => Aten.Call("grid_sampler", input, grid, mode == GridSampleMode.Nearest ? 1L : 0L, padding_mode switch { GridSamplePaddingMode.Border => 1L, GridSamplePaddingMode.Reflection => 2L, _ => 0L }, align_corners ?? false);
            public static Tensor huber_loss(Tensor input, Tensor target, double delta = 1, Reduction reduction = Reduction.Mean) => Aten.Call("huber_loss", input, target, (long)reduction, delta);
            public static Tensor softmin(Tensor x, long dim) => x.neg().softmax(dim);
            public static Tensor Tanhshrink(Tensor x) => x - x.tanh();

            // The signatures below differ between TorchSharp's versions in parameter names only: pass arguments by position.
            public static Tensor max_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) => Aten.Call("max_pool1d", input, new long[] { kernel_size }, new long[] { stride ?? kernel_size }, new long[] { padding ?? 0 }, new long[] { dilation ?? 1 }, ceil_mode);
            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => Aten.Call("max_pool2d", input, kernel_size, stride ?? kernel_size, padding ?? Zeros2, dilation ?? Ones2, ceil_mode);
            public static Tensor max_pool3d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) => Aten.Call("max_pool3d", input, kernel_size, stride ?? kernel_size, padding ?? Zeros1, dilation ?? Ones1, ceil_mode);
            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true) => Aten.Call("avg_pool1d", input, new long[] { kernel_size }, new long[] { stride ?? kernel_size }, new long[] { padding ?? 0 }, ceil_mode, count_include_pad);
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Aten.Call("avg_pool2d", input, kernel_size, stride ?? kernel_size, padding ?? Zeros2, ceil_mode, count_include_pad, divisor_override);
            public static Tensor avg_pool3d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) => Aten.Call("avg_pool3d", input, kernel_size, stride ?? kernel_size, padding ?? Zeros1, ceil_mode, count_include_pad, divisor_override);
            public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? output_padding = null, long? dilation = null, long groups = 1) => Aten.Call("conv_transpose1d", input, weight, bias, new long[] { stride ?? 1 }, new long[] { padding ?? 0 }, new long[] { output_padding ?? 0 }, groups, new long[] { dilation ?? 1 });
            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) => Aten.Call("conv_transpose2d.input", input, weight, bias, strides ?? Ones2, padding ?? Zeros2, output_padding ?? Zeros2, groups, dilation ?? Ones2);
            public static Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) => Aten.Call("conv_transpose3d.input", input, weight, bias, strides ?? Ones1, padding ?? Zeros1, output_padding ?? Zeros1, groups, dilation ?? Ones1);
        }
    }
}
