using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Parsing;

namespace Hypermesh.BpfSdk.Tasks.Layouts;

/// <summary>
/// Compares the compiled structs of a skeleton with the object's types. Only names come from the generator; offsets and sizes are computed here again, directly
/// from BTF, so that a mistake of the generator is found.
/// </summary>
internal sealed class LayoutComparison(ParsedSkeleton parsed, CompiledLayouts compiled)
{
    private readonly BtfTypes _types = parsed.Types;
    private readonly SkeletonModel _model = parsed.Skeleton;
    private readonly List<LayoutProblem> _problems = [];

    /// <summary>The number of sizes and offsets that were compared.</summary>
    public int Compared { get; private set; }

    public IReadOnlyList<LayoutProblem> Run()
    {
        foreach (NamedType named in parsed.Named.Where(static named => named.IsEmitted))
        {
            BtfType type = _types[named.Id];
            if (type.Size == 0)
            {
                continue;
            }

            if (compiled.Find($"{_model.FullName.Replace("@", "")}+{named.Name}") is not { } layout)
            {
                _problems.Add(new LayoutProblem(named.CName, $"the assembly has no {_model.FullName}.{named.Name}"));
                continue;
            }

            Compare(named, null, "size", type.Size, layout.Size);
            if (type.IsComposite && _model.Structs.First(model => model.Name == named.Name) is { Fields.Count: > 0 } known)
            {
                CompareMembers(named, type, 0, layout, known);
            }
        }

        return _problems;
    }

    private void CompareMembers(NamedType named, BtfType type, long start, StructLayout layout, StructModel known)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            BtfType memberType = _types[_types.SkipModifiers(member.TypeId)];
            string cName = _types.GetString(member.NameOffset);
            if (cName.Length > 0)
            {
                CompareMember(named, cName, memberType, start + member.BitOffset, member.BitfieldSize, layout, known);
            }
            else if (memberType.IsComposite)
            {
                CompareMembers(named, memberType, start + member.BitOffset, layout, known);
            }
        }
    }

    private void CompareMember(NamedType named, string cName, BtfType type, long bits, uint width, StructLayout layout, StructModel known)
    {
        FieldModel? field = known.Fields.FirstOrDefault(candidate => candidate.CName == cName);
        if (field is null || field.Kind == FieldKind.Flexible)
        {
            // A member that cannot be expressed was reported when it was left out.
            return;
        }

        if (width > 0)
        {
            CompareBits(named, cName, bits, width, layout);
            return;
        }

        if (layout.Fields.FirstOrDefault(candidate => candidate.Name == field.StorageName) is not { } found)
        {
            _problems.Add(new LayoutProblem(named.CName, $"member {cName} has no field {field.StorageName}"));
            return;
        }

        Compare(named, cName, "offset", bits / 8, found.Offset);
        Compare(named, cName, "size", _types.SizeOf(type.Id), found.Size);
    }

    // Every byte with bits of it is in one of the hidden fields.
    private void CompareBits(NamedType named, string cName, long bits, uint width, StructLayout layout)
    {
        Compared++;
        for (long place = bits / 8; place <= (bits + width - 1) / 8; place++)
        {
            if (!layout.Fields.Any(field => field.Name.StartsWith("_bits", StringComparison.Ordinal) && field.Offset <= place && place < field.Offset + field.Size))
            {
                _problems.Add(new LayoutProblem(named.CName, $"byte {place}, which has bits of {cName}, is in no field"));
            }
        }
    }

    private void Compare(NamedType named, string? member, string what, long btf, long assembly)
    {
        Compared++;
        if (btf != assembly)
        {
            string subject = member is null ? what : $"{what} of {member}";
            _problems.Add(new LayoutProblem(named.CName, $"the {subject} is {btf} in the C and {assembly} in the assembly"));
        }
    }
}

/// <summary>A difference between the assembly and the object.</summary>
/// <param name="CType">The struct in C.</param>
/// <param name="Problem">What differs.</param>
internal sealed record LayoutProblem(string CType, string Problem);
