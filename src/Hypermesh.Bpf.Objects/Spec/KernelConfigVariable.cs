using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>The type and position of an option's value in <c>.kconfig</c>.</summary>
/// <param name="Type">The type in the C.</param>
/// <param name="Offset">Its offset in the section, in bytes.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsSigned">True for signed integers.</param>
internal sealed record KernelConfigVariable(KernelConfigType Type, int Offset, int Size, bool IsSigned);

/// <summary>The type that the C declares for an option of the kernel's configuration.</summary>
internal enum KernelConfigType
{
    /// <summary>One byte: <c>y</c>, <c>n</c> or <c>m</c> as a letter, or a small number.</summary>
    Character,

    /// <summary>A <c>bool</c>: <c>y</c> is true; <c>m</c> is an error.</summary>
    Boolean,

    /// <summary>An integer of 2, 4 or 8 bytes.</summary>
    Integer,

    /// <summary><c>enum libbpf_tristate</c>: 0 no, 1 yes, 2 module.</summary>
    Tristate,

    /// <summary>An array of <c>char</c>: text without its quotes, truncated to fit, terminated by NUL.</summary>
    Text,
}

/// <summary>Assigns each option its offset in <c>.kconfig</c>, in libbpf's order: by descending alignment, then by size, then by name.</summary>
internal static class KernelConfigLayout
{
    private const string TristateName = "libbpf_tristate";
    private const long LargestText = 1 << 20;

    public static List<BpfExternSpec> Arrange(string fileName, BtfTypes btf, IEnumerable<BpfExternSpec> options)
    {
        var measured = new List<(BpfExternSpec Extern, KernelConfigType Type, int Size, int Alignment, bool IsSigned)>();
        foreach (BpfExternSpec option in options)
        {
            BtfType type = btf[btf.SkipModifiers(btf[option.TypeId].TypeId)];
            if (TypeOf(btf, type) is not { } found || btf.SizeOf(type.Id) is not (> 0 and <= LargestText and var size))
            {
                throw new BpfObjectFormatException(
                    fileName, ExternReader.KernelConfigSection, null, $"extern '{option.Name}' must be a bool, an integer, enum {TristateName}, or an array of char");
            }

            bool isSigned = type.Kind == BtfKind.Int && found != KernelConfigType.Boolean && (type.IntEncoding & BtfIntEncoding.Signed) != 0;
            measured.Add((option, found, (int)size, found == KernelConfigType.Text ? 1 : (int)size, isSigned));
        }

        int end = 0;
        var arranged = new List<BpfExternSpec>(measured.Count);
        foreach (var (option, type, size, alignment, isSigned) in measured
            .OrderByDescending(static m => m.Alignment).ThenBy(static m => m.Size).ThenBy(static m => m.Extern.Name, StringComparer.Ordinal))
        {
            int offset = (end + alignment - 1) / alignment * alignment;
            option.Config = new KernelConfigVariable(type, offset, size, isSigned);
            end = checked(offset + size);
            arranged.Add(option);
        }

        return arranged;
    }

    /// <summary>Returns the options as a data section; null for an object without options.</summary>
    public static BpfDataSectionSpec? Section(string fileName, BtfTypes? btf, IReadOnlyList<BpfExternSpec> externs)
    {
        List<BpfGlobalVariable> variables = [.. externs.Where(static e => e.Config is not null).Select(e => new BpfGlobalVariable(e.Name, e.Config!.Offset, e.Config.Size, btf![e.TypeId].TypeId, isStatic: false))];
        if (variables.Count == 0)
        {
            return null;
        }

        BpfGlobalVariable last = variables[variables.Count - 1];
        const int NoSection = -1;
        return new BpfDataSectionSpec(
            fileName, ExternReader.KernelConfigSection, NoSection, isReadOnly: true, last.Offset + last.Size, default, variables,
            btf!.Find(ExternReader.KernelConfigSection, BtfKind.DataSection));
    }

    private static KernelConfigType? TypeOf(BtfTypes btf, BtfType type) => type.Kind switch
    {
        BtfKind.Int when (type.IntEncoding & BtfIntEncoding.Bool) != 0 => type.Size == 1 ? KernelConfigType.Boolean : null,
        BtfKind.Int => type.Size switch
        {
            1 => KernelConfigType.Character,
            2 or 4 or 8 => KernelConfigType.Integer,
            _ => null,
        },
        BtfKind.Enum when type.Size == 4 && type.Name == TristateName => KernelConfigType.Tristate,
        BtfKind.Enum64 when type.Name == TristateName => KernelConfigType.Tristate,
        BtfKind.Array when type.Array.Count > 0 && TypeOf(btf, btf[btf.SkipModifiers(type.Array.ElementTypeId)]) == KernelConfigType.Character => KernelConfigType.Text,
        _ => null,
    };
}
