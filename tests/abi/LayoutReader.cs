using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>Reads the layout of a structure from a kernel's types.</summary>
public sealed class LayoutReader(BtfTypes types)
{
    /// <summary>The fields of a structure, null when this kernel has it not.</summary>
    public IReadOnlyList<KernelField>? Read(KernelLayout layout)
    {
        int id = types.Find(layout.KernelType, layout.Members.Length == 0 ? BtfKind.Struct : BtfKind.Union);
        if (id != 0 && layout.Members.Length > 0)
        {
            id = FindMember(types[id], layout.Members);
        }

        return id == 0 ? null : Flatten(types[id]);
    }

    private int FindMember(BtfType union, string[] members)
    {
        string[] fields = [.. members.Select(KernelNames.Pascal)];
        for (int i = 0; i < union.Length; i++)
        {
            BtfMember member = union.Member(i);
            string name = types.GetString(member.NameOffset);
            int id = types.SkipModifiers(member.TypeId);
            bool found = members.Length == 1
                ? name == members[0]
                : name.Length == 0 && fields.All(field => Flatten(types[id]).Any(present => present.Name == field));
            if (found)
            {
                return id;
            }
        }

        return 0;
    }

    private List<KernelField> Flatten(BtfType type)
    {
        var fields = new List<KernelField>();
        Flatten(type, 0, "", fields);
        return fields;
    }

    private void Flatten(BtfType type, int start, string prefix, List<KernelField> fields)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            BtfType of = types[types.SkipModifiers(member.TypeId)];
            string name = prefix + KernelNames.Pascal(types.GetString(member.NameOffset));
            int offset = start + (int)(member.BitOffset / 8);
            if (of.IsComposite)
            {
                Flatten(of, offset, name, fields);
            }
            else if (name != prefix)
            {
                Add(fields, name, of, start, offset, member.BitfieldSize != 0);
            }
        }
    }

    private void Add(List<KernelField> fields, string name, BtfType type, int start, int offset, bool isBits)
    {
        if (isBits)
        {
            // C# has no bit fields: one field for the integer they share, named after the first.
            int size = (int)type.Size;
            int unit = start + ((offset - start) / size * size);
            if (!fields.Exists(field => field.Offset == unit && field.Name.EndsWith("Bits", StringComparison.Ordinal)))
            {
                fields.Add(new KernelField(name + "Bits", KernelNames.Integer(size, signed: false), unit, size, 0));
            }

            return;
        }

        if (type.Kind == BtfKind.Array)
        {
            BtfArray array = type.Array;
            int size = (int)types.SizeOf(array.ElementTypeId);
            fields.Add(new KernelField(name, KernelNames.Integer(size, signed: false), offset, size, (int)array.Count));
            return;
        }

        int bytes = (int)types.SizeOf(type.Id);
        bool signed = type.Kind == BtfKind.Int && type.IntEncoding.HasFlag(BtfIntEncoding.Signed);
        fields.Add(new KernelField(name, KernelNames.Integer(bytes, signed), offset, bytes, 0));
    }
}
