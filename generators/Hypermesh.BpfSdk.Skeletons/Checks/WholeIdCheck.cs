using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports comparisons of all 64 bits that bpf_get_current_pid_tgid or bpf_get_current_uid_gid returns, two IDs, with a value of 32 bits.</summary>
internal static class WholeIdCheck
{
    private const int ShiftedOut = 32;

    // The operations that compare; a test of bits may be meant.
    private static readonly HashSet<int> s_comparisons = [0x10, 0x20, 0x30, 0x50, 0x60, 0x70, 0xa0, 0xb0, 0xc0, 0xd0];

    // The helpers with what their upper and lower half is.
    private static readonly Dictionary<int, (string Upper, string Lower)> s_helpers = new()
    {
        [14] = ("the process (TGID)", "the thread"),
        [15] = ("the group", "the user"),
    };

    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        foreach (ElfSection section in StraightLine.SectionsOf(spec).Where(static section => HelperCalls.In(section).Any(static call => s_helpers.ContainsKey(call.Helper))))
        {
            var code = new StraightLine(spec, section);
            var reported = new HashSet<int>();
            for (int at = 0; at < code.Code.Count; at++)
            {
                BpfInstruction one = code.Code[at];
                bool comparesRegister = (one.OpCode & BpfOpCode.SourceRegister) != 0;
                if (one.Class != BpfOpCode.ClassJump || !s_comparisons.Contains(one.OpCode & BpfOpCode.OperationMask)
                    || IdOf(code, at, one.Destination, one.Source, comparesRegister) is not (> 0 and int helper)
                    || !(comparesRegister ? IsNarrow(code, at, one.Source) || IsNarrow(code, at, one.Destination) : one.Immediate > 0))
                {
                    continue;
                }

                int line = lines.At(section.Name, (uint)(at * BpfInstruction.Size));
                if (reported.Add(line))
                {
                    string name = BpfHelpers.NameOf(helper)!;
                    (string upper, string lower) = s_helpers[helper];
                    findings.Add(SourceIds.WholeId, name, line, name, $"{upper} in the upper half and {lower} in the lower half", $"{name}() >> 32 for {upper}, or (__u32){name}() for {lower}");
                }
            }
        }
    }

    // The helper whose whole result is compared; 0 for another comparison.
    private static int IdOf(StraightLine code, int at, int left, int right, bool comparesRegister)
        => s_helpers.ContainsKey(code.Helper(at, left)) ? code.Helper(at, left)
            : comparesRegister && s_helpers.ContainsKey(code.Helper(at, right)) ? code.Helper(at, right)
            : 0;

    // Loaded from fewer than 8 bytes, computed in 32 bits, or cut to them by shifts.
    private static bool IsNarrow(StraightLine code, int at, int register)
    {
        int origin = code.Origin(at, register);
        if (origin < 0)
        {
            return false;
        }

        BpfInstruction one = code.Code[origin];
        bool isConstant = (one.OpCode & BpfOpCode.SourceRegister) == 0;
        return one.Class switch
        {
            BpfOpCode.ClassLoadRegister => (one.OpCode & BpfOpCode.SizeMask) != BpfOpCode.SizeDouble,
            BpfOpCode.ClassArithmetic32 => true,
            BpfOpCode.ClassArithmetic64 => (one.OpCode & BpfOpCode.OperationMask) switch
            {
                BpfOpCode.OperationShiftRight or BpfOpCode.OperationShiftRightSigned => isConstant && one.Immediate >= ShiftedOut,
                BpfOpCode.OperationShiftLeft => false,
                BpfOpCode.OperationMove => isConstant ? one.Immediate > 0 : one.Offset is > 0 and <= ShiftedOut,
                _ => false,
            },
            _ => false,
        };
    }
}
