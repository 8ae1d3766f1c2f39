using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StructOps;

/// <summary>
/// Adapts a struct_ops map to the types of a kernel or of one of its modules. Struct members are matched by name. A member that the kernel does not have is omitted if
/// it is zero or has no program, else rejected. A member whose kind or size differs is also rejected.
/// </summary>
internal sealed class StructOpsPlanner(BpfStructOpsSpec map, BtfTypes local, BtfTypes kernel)
{
    private const string ValuePrefix = "bpf_struct_ops_";

    /// <summary>Returns the name of the struct that contains the map's value. A kernel or module with this struct in its types supports the map.</summary>
    public static string ValueName(BpfStructOpsSpec map, BtfTypes local) => ValuePrefix + NameOf(map, local);

    /// <summary>Returns the plan, or null when these types do not support the struct_ops map.</summary>
    /// <exception cref="BpfException">A struct member does not fit.</exception>
    public StructOpsPlan? Plan()
    {
        string name = NameOf(map, local);
        int typeId = kernel.Find(name, BtfKind.Struct);
        int valueId = kernel.Find(ValuePrefix + name, BtfKind.Struct);
        if (typeId == 0 || valueId == 0 || DataOffset(valueId, typeId) is not { } data)
        {
            return null;
        }

        var value = new byte[kernel.SizeOf(valueId)];
        var functions = new List<StructOpsFunction>();
        Dictionary<string, int> fields = FieldsOf(kernel[typeId]);
        foreach (BpfStructOpsMember member in map.Members)
        {
            if (fields.TryGetValue(member.Name, out int index))
            {
                Put(member, kernel[typeId].Member(index), index, data, value, functions);
            }
            else if (member.IsFunction ? member.Program is not null : !IsZero(map.Image.Slice(member.Offset, member.Size)))
            {
                throw Refuse(member, "this kernel has no such field; leave it zero, without a program, to load the map without it");
            }
        }

        return new StructOpsPlan(map, typeId, valueId, value, functions);
    }

    private static string NameOf(BpfStructOpsSpec map, BtfTypes local) => FormatReader.Utf8(BtfName.Essential(local[map.TypeId].NameBytes));

    private void Put(BpfStructOpsMember member, BtfMember field, int index, int data, byte[] value, List<StructOpsFunction> functions)
    {
        BtfType ours = local[local.SkipModifiers(member.Field.TypeId)];
        BtfType theirs = kernel[kernel.SkipModifiers(field.TypeId)];
        if (member.Field.BitfieldSize != 0 || field.BitfieldSize != 0)
        {
            throw Refuse(member, "it is a bitfield, which struct_ops maps do not support");
        }

        if (ours.Kind != theirs.Kind)
        {
            throw Refuse(member, $"it is a {ours.Kind} in the object and a {theirs.Kind} in this kernel");
        }

        int place = data + (int)(field.BitOffset / 8);
        if (member.IsFunction)
        {
            if (member.Program is { } program)
            {
                functions.Add(new StructOpsFunction(program, index, place));
            }

            return;
        }

        long size = kernel.SizeOf(field.TypeId);
        if (size != member.Size)
        {
            throw Refuse(member, $"it has {member.Size} bytes in the object and {size} in this kernel");
        }

        map.Image.Slice(member.Offset, member.Size).CopyTo(value.AsSpan(place));
    }

    private static bool IsZero(ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            if (b != 0)
            {
                return false;
            }
        }

        return true;
    }

    // The map's value also contains a state of the kernel's own; the struct itself is its member "data".
    private int? DataOffset(int valueId, int typeId)
    {
        BtfType value = kernel[valueId];
        for (int i = 0; i < value.Length; i++)
        {
            BtfMember member = value.Member(i);
            if (kernel.SkipModifiers(member.TypeId) == typeId)
            {
                return (int)(member.BitOffset / 8);
            }
        }

        return null;
    }

    private Dictionary<string, int> FieldsOf(BtfType type)
    {
        var fields = new Dictionary<string, int>(type.Length, StringComparer.Ordinal);
        for (int i = 0; i < type.Length; i++)
        {
            fields[kernel.GetString(type.Member(i).NameOffset)] = i;
        }

        return fields;
    }

    private BpfException Refuse(BpfStructOpsMember member, string why)
        => new($"{map.TypeName} {map.Name} of {map.ObjectName} does not fit this kernel: field {member.Name}: {why}", map.ObjectName, map.Name);
}

/// <summary>A struct_ops map in the layout of the running kernel: its types, its value, and the function members with programs.</summary>
/// <param name="Map">The struct_ops map.</param>
/// <param name="TypeId">The ID of the struct in the kernel's types.</param>
/// <param name="ValueTypeId">The ID of the struct that contains it in the map's value (<c>bpf_struct_ops_NAME</c>).</param>
/// <param name="Value">The value, complete except for the descriptors of programs.</param>
/// <param name="Functions">The function members with programs.</param>
internal sealed record StructOpsPlan(BpfStructOpsSpec Map, int TypeId, int ValueTypeId, byte[] Value, IReadOnlyList<StructOpsFunction> Functions);
