using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace Hypermesh.BpfSdk.Tasks.Layouts;

/// <summary>Computes the size of a field, for the types that generated structs have.</summary>
internal sealed class FieldSizes(MetadataReader metadata) : ISignatureTypeProvider<int, object?>
{
    private const string InlineArray = "InlineArrayAttribute";

    private static readonly Dictionary<PrimitiveTypeCode, int> s_primitives = new()
    {
        [PrimitiveTypeCode.Boolean] = 1,
        [PrimitiveTypeCode.Byte] = 1,
        [PrimitiveTypeCode.SByte] = 1,
        [PrimitiveTypeCode.Int16] = 2,
        [PrimitiveTypeCode.UInt16] = 2,
        [PrimitiveTypeCode.Int32] = 4,
        [PrimitiveTypeCode.UInt32] = 4,
        [PrimitiveTypeCode.Single] = 4,
        [PrimitiveTypeCode.Int64] = 8,
        [PrimitiveTypeCode.UInt64] = 8,
        [PrimitiveTypeCode.Double] = 8,
    };

    // Types of other assemblies. A kernel's pointer has 64 bits on any machine.
    private static readonly Dictionary<string, int> s_elsewhere = new(StringComparer.Ordinal)
    {
        ["System.Half"] = 2,
        ["System.Int128"] = 16,
        ["System.UInt128"] = 16,
        ["Hypermesh.Bpf.KernelPointer"] = 8,
    };

    private readonly Dictionary<TypeDefinitionHandle, int> _known = [];

    public int Of(FieldDefinition field) => field.DecodeSignature(this, genericContext: null);

    /// <summary>Returns the size of a struct or enum of the assembly.</summary>
    /// <exception cref="NotSupportedException">Its size is not stated and cannot be computed; this is not the case for a generated type.</exception>
    public int Of(TypeDefinitionHandle handle)
    {
        if (!_known.TryGetValue(handle, out int size))
        {
            size = Measure(metadata.GetTypeDefinition(handle));
            _known.Add(handle, size);
        }

        return size;
    }

    public int GetPrimitiveType(PrimitiveTypeCode typeCode) => s_primitives.TryGetValue(typeCode, out int size) ? size : throw new NotSupportedException($"a {typeCode} has no fixed size");

    public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Of(handle);

    public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        string name = $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        return s_elsewhere.TryGetValue(name, out int size) ? size : throw new NotSupportedException($"the size of {name} is not known");
    }

    public int GetSZArrayType(int elementType) => Refuse();

    public int GetArrayType(int elementType, ArrayShape shape) => Refuse();

    public int GetByReferenceType(int elementType) => Refuse();

    public int GetFunctionPointerType(MethodSignature<int> signature) => Refuse();

    public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => Refuse();

    public int GetGenericMethodParameter(object? genericContext, int index) => Refuse();

    public int GetGenericTypeParameter(object? genericContext, int index) => Refuse();

    public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => unmodifiedType;

    public int GetPinnedType(int elementType) => Refuse();

    public int GetPointerType(int elementType) => Refuse();

    public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => Refuse();

    private static int Refuse() => throw new NotSupportedException("a field is neither a number nor a struct");

    private int Measure(TypeDefinition type)
    {
        TypeLayout layout = type.GetLayout();
        if (layout.Size > 0)
        {
            return layout.Size;
        }

        List<FieldDefinition> fields =
            [.. type.GetFields().Select(metadata.GetFieldDefinition).Where(static field => (field.Attributes & FieldAttributes.Static) == 0)];
        if (fields.Count != 1)
        {
            throw new NotSupportedException($"{metadata.GetString(type.Name)} states no size and has {fields.Count} fields");
        }

        return Of(fields[0]) * InlineLength(type);
    }

    private int InlineLength(TypeDefinition type)
    {
        foreach (CustomAttribute attribute in type.GetCustomAttributes().Select(metadata.GetCustomAttribute))
        {
            if (attribute.Constructor.Kind == HandleKind.MemberReference
                && metadata.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
                && metadata.StringComparer.Equals(metadata.GetTypeReference((TypeReferenceHandle)parent).Name, InlineArray))
            {
                BlobReader value = metadata.GetBlobReader(attribute.Value);
                value.ReadUInt16();
                return value.ReadInt32();
            }
        }

        return 1;
    }
}
