using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation.Hooks;

/// <summary>Where the arguments and the result of a function are in <c>struct pt_regs</c>, by the calling conventions of x86-64 and arm64.</summary>
internal static class Registers
{
    private static readonly string[] s_x86 = ["di", "si", "dx", "cx", "r8", "r9"];
    private const string X86Result = "ax";
    private const string ArmRegisters = "regs";
    private const int ArmArguments = 8;

    /// <summary>The offsets of the arguments in registers; none on other processors.</summary>
    internal static IReadOnlyList<int> Arguments(BtfTypes types)
        => OffsetOf(types, "pt_regs", X86Result) is not null ? [.. s_x86.Select(name => OffsetOf(types, "pt_regs", name)).OfType<int>()]
            : OffsetOf(types, "user_pt_regs", ArmRegisters) is { } regs ? [.. Enumerable.Range(0, ArmArguments).Select(index => regs + (index * sizeof(ulong)))]
            : [];

    /// <summary>The offset of the result; null on other processors.</summary>
    internal static int? Result(BtfTypes types) => OffsetOf(types, "pt_regs", X86Result) ?? OffsetOf(types, "user_pt_regs", ArmRegisters);

    private static int? OffsetOf(BtfTypes types, string structName, string member)
    {
        if (types.Find(structName, BtfKind.Struct) is not (> 0 and int id))
        {
            return null;
        }

        BtfType type = types[id];
        for (int i = 0; i < type.Length; i++)
        {
            if (types.GetString(type.Member(i).NameOffset) == member)
            {
                return (int)type.Member(i).BitOffset / 8;
            }
        }

        return null;
    }
}
