using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using InteractionLab.Models.Masking;
using InteractionLab.Testing;

namespace InteractionLab.Models.Tests.Torch;

/// <summary>
/// What InteractionLab.Models asks of TorchSharp is in the list of signatures that TorchSharp's packages share, so that
/// -p:TorchSharpPackage=true needs no change of source.
/// </summary>
public sealed class TorchSharpApiTests
{
    // Stands in the list by name only, as what Tensor.data<T>() gives; TorchSharp has these members in every version.
    private static readonly string[] ByName = ["Utils.TensorAccessor`1.ToArray", "Utils.TensorAccessor`1.CopyTo", "Utils.TensorAccessor`1.get_Item", "Utils.TensorAccessor`1.get_Count"];

    [Fact]
    public void Every_member_used_is_in_the_list()
    {
        var listed = Listed.Read(SharedData.Path("torchsharp-api.txt"));
        var used = Used(typeof(MaskedModel).Assembly.Location);
        Assert.True(used.Count > 100, $"Only {used.Count} members of TorchSharp were found in use.");
        Assert.Empty(used.Where(member => !ByName.Contains($"{member.Type}.{member.Name}") && !listed.Has(member)).Select(member => member.ToString()).Distinct());
    }

    private static List<Member> Used(string assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly));
        var reader = file.GetMetadataReader();
        var members = new List<Member>();
        foreach (var handle in reader.MemberReferences)
        {
            var reference = reader.GetMemberReference(handle);
            if (Names.Of(reader, reference.Parent) is not { } type || !type.StartsWith("TorchSharp.", StringComparison.Ordinal))
            {
                continue;
            }

            ImmutableArray<string> parameters = reference.GetKind() == MemberReferenceKind.Method
                ? reference.DecodeMethodSignature(new Names(), null).ParameterTypes
                : [];
            members.Add(new Member(type["TorchSharp.".Length..], reader.GetString(reference.Name), [.. parameters]));
        }

        return members;
    }

    private sealed record Member(string Type, string Name, string[] Parameters)
    {
        public override string ToString() => $"{Type}.{Name}({string.Join(", ", Parameters)})";
    }

    /// <summary>The list: by the name of the member, the text before it and the types of its parameters.</summary>
    private sealed class Listed
    {
        private readonly Dictionary<string, List<(string Before, string[] Parameters)>> _members = new(StringComparer.Ordinal);

        public static Listed Read(string file)
        {
            var list = new Listed();
            foreach (var line in File.ReadLines(file).Where(line => !line.StartsWith('#')))
            {
                list.Add(line.Trim());
            }

            return list;
        }

        public bool Has(Member member)
        {
            var name = member.Name == ".ctor" ? "new" : member.Name;
            return Known(name) || ((name.StartsWith("get_", StringComparison.Ordinal) || name.StartsWith("set_", StringComparison.Ordinal)) && Known(name[4..]));

            bool Known(string key) => _members.TryGetValue(key, out var listed) && listed.Exists(entry =>
                entry.Before.StartsWith(member.Type + ".", StringComparison.Ordinal)
                && (name.StartsWith("set_", StringComparison.Ordinal) || entry.Parameters.SequenceEqual(member.Parameters)));
        }

        private void Add(string line)
        {
            var accessors = line.IndexOf(" { ", StringComparison.Ordinal);
            var text = accessors >= 0 ? line[..accessors] : line.Replace(" (field)", "", StringComparison.Ordinal);
            string[] parameters = [];
            if (text[^1] is ')' or ']')
            {
                var open = Opening(text);
                parameters = [.. Split(text[(open + 1)..^1]).Select(TypeOf)];
                text = text[..open];
            }

            var name = text[(text.LastIndexOfAny([' ', '.']) + 1)..];
            var generic = name.IndexOf('<', StringComparison.Ordinal);
            name = generic >= 0 ? name[..generic] : name;
            if (!_members.TryGetValue(name, out var entries))
            {
                _members[name] = entries = [];
            }

            entries.Add((text, parameters));
        }

        private static int Opening(string text)
        {
            for (int at = text.Length - 1, depth = 0; at >= 0; at--)
            {
                depth += text[at] is ')' or ']' ? 1 : text[at] is '(' or '[' ? -1 : 0;
                if (depth == 0)
                {
                    return at;
                }
            }

            return 0;
        }

        private static IEnumerable<string> Split(string parameters)
        {
            var (start, depth) = (0, 0);
            for (var at = 0; at < parameters.Length; at++)
            {
                depth += parameters[at] is '(' or '[' or '<' ? 1 : parameters[at] is ')' or ']' or '>' ? -1 : 0;
                if (parameters[at] == ',' && depth == 0)
                {
                    yield return parameters[start..at].Trim();
                    start = at + 1;
                }
            }

            if (parameters.Length > start)
            {
                yield return parameters[start..].Trim();
            }
        }

        // "params long[] sizes", "bool keepdim = false": what stands before the name.
        private static string TypeOf(string parameter)
        {
            var text = parameter.Split(" = ")[0].Replace("params ", "", StringComparison.Ordinal);
            return text[..text.LastIndexOf(' ')];
        }
    }

    /// <summary>Types as the list writes them.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public static string? Of(MetadataReader reader, EntityHandle handle) => handle.Kind switch
        {
            HandleKind.TypeReference => Of(reader, (TypeReferenceHandle)handle),
            HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(new Declared(), null),
            _ => null,
        };

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[{new string(',', shape.Rank - 1)}]";

        public string GetByReferenceType(string elementType) => $"ref {elementType}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType switch
        {
            "System.Nullable`1" => $"{typeArguments[0]}?",
            _ when genericType.StartsWith("System.ValueTuple", StringComparison.Ordinal) => $"({string.Join(", ", typeArguments)})",
            _ => $"{genericType[(genericType.LastIndexOf('.') + 1)..genericType.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", typeArguments)}>",
        };

        public string GetGenericMethodParameter(object? genericContext, int index) => "T";

        public string GetGenericTypeParameter(object? genericContext, int index) => "T";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode switch
        {
            PrimitiveTypeCode.Boolean => "bool",
            PrimitiveTypeCode.Byte => "byte",
            PrimitiveTypeCode.Int32 => "int",
            PrimitiveTypeCode.Int64 => "long",
            PrimitiveTypeCode.Single => "float",
            PrimitiveTypeCode.Double => "double",
            PrimitiveTypeCode.String => "string",
            PrimitiveTypeCode.Object => "object",
            PrimitiveTypeCode.Void => "void",
            _ => $"System.{typeCode}",
        };

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => reader.GetString(reader.GetTypeDefinition(handle).Name);

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var name = Of(reader, handle);
            return name.StartsWith("TorchSharp.", StringComparison.Ordinal) ? name["TorchSharp.".Length..] : name;
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => Of(reader, handle)!;

        private static string Of(MetadataReader reader, TypeReferenceHandle handle)
        {
            var type = reader.GetTypeReference(handle);
            var name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{Of(reader, (TypeReferenceHandle)type.ResolutionScope)}.{name}"
                : type.Namespace.IsNil ? name : $"{reader.GetString(type.Namespace)}.{name}";
        }

        /// <summary>A generic type by its name alone.</summary>
        private sealed class Declared : ISignatureTypeProvider<string, object?>
        {
            private readonly Names _names = new();

            public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType;

            public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Of(reader, handle);

            public string GetArrayType(string elementType, ArrayShape shape) => _names.GetArrayType(elementType, shape);

            public string GetByReferenceType(string elementType) => elementType;

            public string GetFunctionPointerType(MethodSignature<string> signature) => "function";

            public string GetGenericMethodParameter(object? genericContext, int index) => "T";

            public string GetGenericTypeParameter(object? genericContext, int index) => "T";

            public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

            public string GetPinnedType(string elementType) => elementType;

            public string GetPointerType(string elementType) => elementType;

            public string GetPrimitiveType(PrimitiveTypeCode typeCode) => _names.GetPrimitiveType(typeCode);

            public string GetSZArrayType(string elementType) => elementType;

            public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => "";

            public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => "";
        }
    }
}
