using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Follows registers back from an instruction along the path that reaches it without a jump. The result holds on that path and may not hold on others. Nothing is found where the path
/// ends before the value is written, or the value is far away: a section may have a million instructions, each of which is a question.
/// </summary>
internal sealed class StraightLine
{
    private const int FramePointer = 10;
    private const int LastArgument = 5;

    // How many instructions are searched for what writes a register, and how many moves are followed.
    private const int Reach = 512;
    private const int MostMoves = 32;

    private const int Fetches = 1;
    private const string MapsSection = ".maps";

    // Its addresses may be kept.
    private const string ArenaSection = ".addr_space.1";

    // Helpers that write what they are passed the address of: the stack may have another value after them.
    private static readonly HashSet<int> s_writers =
    [
        .. new[]
        {
            "bpf_probe_read", "bpf_probe_read_str", "bpf_probe_read_user", "bpf_probe_read_user_str", "bpf_probe_read_kernel", "bpf_probe_read_kernel_str", "bpf_copy_from_user",
            "bpf_get_current_comm", "bpf_skb_load_bytes", "bpf_skb_load_bytes_relative", "bpf_xdp_load_bytes", "bpf_dynptr_read", "bpf_d_path", "bpf_snprintf", "bpf_get_stack",
            "bpf_perf_event_read_value", "bpf_map_pop_elem", "bpf_map_peek_elem", "bpf_fib_lookup", "bpf_get_ns_current_pid_tgid",
        }.Select(BpfHelpers.NumberOf),
    ];

    private readonly BpfInstruction[] _code;
    private readonly Dictionary<int, string> _maps = [];
    private readonly Dictionary<int, string> _data = [];

    /// <summary>Creates it for the code of a section.</summary>
    public StraightLine(BpfObjectSpec spec, ElfSection section)
    {
        _code = MemoryMarshal.Cast<byte, BpfInstruction>(section.Data.Span).ToArray();
        foreach (ElfRelocation one in spec.Elf.RelocationsOf(section))
        {
            ElfSymbol symbol = spec.Elf.Symbols[one.SymbolIndex];
            ElfSection? target = symbol.SectionIndex > 0 && symbol.SectionIndex < spec.Elf.Sections.Count ? spec.Elf.Sections[symbol.SectionIndex] : null;
            int at = (int)(one.Offset / BpfInstruction.Size);
            if (target?.Name == MapsSection)
            {
                _maps[at] = symbol.Name;
            }
            else if (target is { IsAllocated: true, IsExecutable: false } && target.Name != ArenaSection)
            {
                _data[at] = symbol.Name;
            }
        }
    }

    /// <summary>The instructions.</summary>
    public IReadOnlyList<BpfInstruction> Code => _code;

    /// <summary>The sections of an object with code.</summary>
    public static IEnumerable<ElfSection> SectionsOf(BpfObjectSpec spec) => spec.Elf.Sections.Where(static section => section is { IsExecutable: true, Type: ElfSectionType.Contents });

    /// <summary>Returns the instruction that gives a register its value; moves between registers and through the stack are followed. -1 where it is not found.</summary>
    /// <param name="at">The instruction before which the register has the value.</param>
    /// <param name="register">The register.</param>
    public int Origin(int at, int register)
    {
        int moves = 0;
        for (int i = Writer(at, register); i >= 0 && moves < MostMoves; i = Writer(i, register), moves++)
        {
            BpfInstruction one = _code[i];
            if (one.OpCode == BpfOpCode.LoadDouble && one.Source == FramePointer)
            {
                i = Store(i, one.Offset);
                if (i < 0)
                {
                    return -1;
                }

                register = _code[i].Source;
            }
            else if (one.OpCode == BpfOpCode.MoveRegister && one.Offset == 0 && one.Source != FramePointer)
            {
                register = one.Source;
            }
            else
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Returns the value of a register that is a constant; null for another.</summary>
    public int? Constant(int at, int register) => Origin(at, register) is >= 0 and int i && _code[i].OpCode is BpfOpCode.MoveConstant or BpfOpCode.MoveConstant32 ? _code[i].Immediate : null;

    /// <summary>Returns the map whose address a register has; null for another value.</summary>
    public string? Map(int at, int register) => Origin(at, register) is >= 0 and int i && _code[i].IsWideLoad && _maps.TryGetValue(i, out string? name) ? name : null;

    /// <summary>Returns true for the address of a variable: one on the stack, or one in a data section.</summary>
    public bool IsAddressOfVariable(int at, int register) => Frame(at, register) is not null || (Origin(at, register) is >= 0 and int i && _code[i].IsWideLoad && _data.ContainsKey(i));

    /// <summary>Returns the variable of a data section whose address a register has; null for another value, and empty for a static one, whose section is named in its place.</summary>
    public string? Variable(int at, int register) => Origin(at, register) is >= 0 and int i && _code[i].IsWideLoad && _data.TryGetValue(i, out string? name) ? name : null;

    /// <summary>Returns the helper whose result a register has; 0 for another value.</summary>
    public int Helper(int at, int register) => Origin(at, register) is >= 0 and int i && _code[i].IsCall && _code[i].Source == 0 ? _code[i].Immediate : 0;

    /// <summary>Returns how far the address in a register is from the end of the stack; null for another value.</summary>
    public int? Frame(int at, int register)
    {
        int offset = 0;
        int sums = 0;
        for (int i = Origin(at, register); i >= 0 && sums < MostMoves; i = Origin(i, register), sums++)
        {
            BpfInstruction one = _code[i];
            register = one.Destination;
            if (one.OpCode == BpfOpCode.MoveRegister)
            {
                return one.Source == FramePointer ? offset : null;
            }

            if (one.OpCode != BpfOpCode.AddConstant)
            {
                return null;
            }

            offset += one.Immediate;
        }

        return null;
    }

    /// <summary>Returns the last store of 8 bytes from a register at a place of the stack; -1 where it is not found.</summary>
    public int Store(int at, int offset)
    {
        for (int i = Before(at); i >= Math.Max(0, at - Reach); i = Before(i))
        {
            BpfInstruction one = _code[i];
            if (one.IsCall && (one.Source != 0 || s_writers.Contains(one.Immediate)))
            {
                return -1;
            }

            if (one.Class is BpfOpCode.ClassStore or BpfOpCode.ClassStoreRegister && one.Destination == FramePointer && Math.Abs(one.Offset - offset) < sizeof(ulong))
            {
                return one.OpCode == BpfOpCode.StoreDouble && one.Offset == offset ? i : -1;
            }
        }

        return -1;
    }

    private int Writer(int at, int register)
    {
        for (int i = Before(at); i >= Math.Max(0, at - Reach); i = Before(i))
        {
            BpfInstruction one = _code[i];
            if (one.IsCall && register <= LastArgument)
            {
                // A call leaves nothing in the registers of its arguments.
                return register == 0 ? i : -1;
            }

            // An atomic operation that fetches gives its source register the old value, and an exchange that compares gives it to the first register.
            if (one.Class == BpfOpCode.ClassStoreRegister && (one.OpCode & BpfOpCode.ModeMask) == BpfOpCode.ModeAtomic && (one.Immediate & Fetches) != 0 && (one.Source == register || register == 0))
            {
                return -1;
            }

            if (one.Destination == register && one.Class is BpfOpCode.ClassLoad or BpfOpCode.ClassLoadRegister or BpfOpCode.ClassArithmetic32 or BpfOpCode.ClassArithmetic64)
            {
                return i;
            }
        }

        return -1;
    }

    // -1 where only a jump leads to the instruction.
    private int Before(int at)
    {
        int i = at - 1;
        if (i > 0 && _code[i - 1].IsWideLoad)
        {
            i--;
        }

        return i >= 0 && _code[i].OpCode is BpfOpCode.Exit or BpfOpCode.JumpAlways or BpfOpCode.JumpLong ? -1 : i;
    }
}
