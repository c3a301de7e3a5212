using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using InteractionLab.Models.Masking;
using InteractionLab.Models.Onnx;
using InteractionLab.Models.Torch;
using InteractionLab.Testing;
using TorchSharp;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>
/// Native entry points of TorchSharp that let no exception out: an error in them ends the process. What the lab calls is
/// read from its assembly, what those members call in turn from TorchSharp's.
/// </summary>
public sealed class UnguardedTests
{
    /// <summary>Those that are reached, each with why no error can arise in it.</summary>
    private static readonly Dictionary<string, string> Reached = new(StringComparer.Ordinal)
    {
        ["THSTensor_matmul"] = "through LinearAlgebra.Product alone, which checks shapes, types and devices",
        ["THSTensor_alias"] = "takes any tensor",
        ["THSTensor_names"] = "reads names, and only where some are given: the lab gives none",
        ["THSTensor_device_index"] = "reads a field",
        ["THSTensor_device_type"] = "reads a field",
        ["THSTensor_device_str"] = "reads a field",
        ["THSTensor_dispose"] = "frees a handle",
        ["THSTorch_dispose_scalar"] = "frees a handle",
        ["THSTorch_scalar_type"] = "reads a field",
        ["THSGenerator_new"] = "a generator of the CPU",
        ["THSGenerator_default_generator"] = "a generator of the CPU",
        ["THSGenerator_manual_seed"] = "takes any number",
        ["THSGenerator_dispose"] = "frees a handle",
        ["THSTorchCuda_device_count"] = "0 where there is no driver",
        ["THSAutograd_getInferenceModeGuard"] = "sets a flag",
        ["THSAutograd_deleteInferenceModeGuard"] = "sets a flag",
    };

    [Fact]
    public void The_lab_reaches_none_of_them_but_those_where_no_error_can_arise()
    {
        var unguarded = File.ReadLines(SharedData.Path("torchsharp-unguarded.txt")).Where(line => !line.StartsWith('#')).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(85, unguarded.Count);
        var reached = TorchCalls.Natives(typeof(MaskedModel).Assembly.Location, typeof(torch).Assembly.Location);
        Assert.InRange(reached.Count, 100, 2000);
        Assert.Equal([], reached.Where(native => unguarded.Contains(native.Key) && !Reached.ContainsKey(native.Key)).Select(native => $"{native.Key} by {native.Value}"));
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 4, 5 }, "last dimension")]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 3, 4, 5 }, "in front")]
    [InlineData(new long[] { 3 }, new long[] { 4 }, "last dimension")]
    public void A_matrix_product_of_wrong_shapes_is_a_named_error(long[] left, long[] right, string why)
    {
        TorchLibrary.Require();
        var graph = new GraphBuilder();
        graph.Input("a", [.. left.Select(_ => (long?)null)]);
        graph.Input("b", [.. right.Select(_ => (long?)null)]);
        graph.Node("MatMul", ["a", "b"], "y");
        graph.Output("y", null, null);
        using var scope = torch.NewDisposeScope();
        using var network = TorchNetwork.Load(graph.ToModel(), new TorchOptions());
        var fault = Assert.Throws<ModelRejectedException>(() => network.Forward(new Dictionary<string, torch.Tensor> { ["a"] = torch.ones(left), ["b"] = torch.ones(right) }, ForwardMode.Inference));
        Assert.Contains("MatMul", fault.Message, StringComparison.Ordinal);
        Assert.Contains(why, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_matrix_product_of_no_dimensions_is_a_named_error()
    {
        TorchLibrary.Require();
        using var scope = torch.NewDisposeScope();
        Assert.Throws<InvalidOperationException>(() => InteractionLab.Models.Torch.Operators.LinearAlgebra.Product(torch.ones([]), torch.ones(2)));
        Assert.Throws<InvalidOperationException>(() => InteractionLab.Models.Torch.Operators.LinearAlgebra.Product(torch.ones(2), torch.ones(2, torch.ScalarType.Float64)));
    }

    /// <summary>Which native functions the members that an assembly uses lead to.</summary>
    private static class TorchCalls
    {
        public static Dictionary<string, string> Natives(string user, string library)
        {
            using var file = new PEReader(File.OpenRead(library));
            var reader = file.GetMetadataReader();
            var byName = reader.MethodDefinitions.Select(handle => (Handle: handle, Name: Name(reader, handle))).ToLookup(method => method.Name, method => method.Handle);
            var found = new Dictionary<string, string>(StringComparer.Ordinal);
            var seen = new HashSet<MethodDefinitionHandle>();
            foreach (var member in Used(user))
            {
                var todo = new Stack<MethodDefinitionHandle>(byName[member]);
                while (todo.TryPop(out var handle))
                {
                    if (!seen.Add(handle))
                    {
                        continue;
                    }

                    var method = reader.GetMethodDefinition(handle);
                    if (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl))
                    {
                        found.TryAdd(reader.GetString(method.GetImport().Name), member);
                        continue;
                    }

                    if (method.RelativeVirtualAddress != 0)
                    {
                        foreach (var called in Called(reader, file.GetMethodBody(method.RelativeVirtualAddress).GetILBytes() ?? []))
                        {
                            todo.Push(called);
                        }
                    }
                }
            }

            return found;
        }

        private static string Name(MetadataReader reader, MethodDefinitionHandle handle)
        {
            var method = reader.GetMethodDefinition(handle);
            return $"{TypeName(reader, method.GetDeclaringType())}.{reader.GetString(method.Name)}";
        }

        private static string TypeName(MetadataReader reader, TypeDefinitionHandle handle)
        {
            var type = reader.GetTypeDefinition(handle);
            return type.IsNested ? $"{TypeName(reader, type.GetDeclaringType())}.{reader.GetString(type.Name)}" : reader.GetString(type.Name);
        }

        private static IEnumerable<string> Used(string user)
        {
            using var file = new PEReader(File.OpenRead(user));
            var reader = file.GetMetadataReader();
            return [.. reader.MemberReferences.Select(handle => reader.GetMemberReference(handle))
                .Where(member => member.GetKind() == MemberReferenceKind.Method && member.Parent.Kind == HandleKind.TypeReference)
                .Select(member => $"{ReferenceName(reader, (TypeReferenceHandle)member.Parent)}.{reader.GetString(member.Name)}").Distinct()];
        }

        private static string ReferenceName(MetadataReader reader, TypeReferenceHandle handle)
        {
            var type = reader.GetTypeReference(handle);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{ReferenceName(reader, (TypeReferenceHandle)type.ResolutionScope)}.{reader.GetString(type.Name)}"
                : reader.GetString(type.Name);
        }

        /// <summary>Methods of the same assembly that a body calls: call, callvirt and newobj with a method's own token or that of a generic one.</summary>
        private static IEnumerable<MethodDefinitionHandle> Called(MetadataReader reader, byte[] body)
        {
            for (var i = 0; i + 4 < body.Length; i++)
            {
                // A byte that only looks like one of these names a method by chance at most, and makes the answer larger, never smaller.
                if (body[i] is not (0x28 or 0x6f or 0x73))
                {
                    continue;
                }

                var token = BitConverter.ToInt32(body, i + 1);
                var row = token & 0xffffff;
                if (token >> 24 == 0x06 && row <= reader.MethodDefinitions.Count)
                {
                    yield return MetadataTokens.MethodDefinitionHandle(row);
                }
                else if (token >> 24 == 0x2b && row >= 1 && row <= reader.GetTableRowCount(TableIndex.MethodSpec)
                    && reader.GetMethodSpecification(MetadataTokens.MethodSpecificationHandle(row)).Method is { Kind: HandleKind.MethodDefinition } generic)
                {
                    yield return (MethodDefinitionHandle)generic;
                }
            }
        }
    }
}
