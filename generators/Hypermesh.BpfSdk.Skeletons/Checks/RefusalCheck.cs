using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports programs of control groups that write something and return 0 on all paths, which refuses whatever they are called for: 0 is what programs of other hooks return when they only
/// count. A program that names a refusal, also in a comment, means it.
/// </summary>
internal static class RefusalCheck
{
    private const int FramePointer = 10;
    private const string OfGroups = "lsm_cgroup/";

    // The kernel ignores the result.
    private const string Release = "cgroup/sock_release";

    private static readonly Dictionary<BpfProgramType, string> s_refused = new()
    {
        [BpfProgramType.CGroupSkb] = "that every packet is dropped",
        [BpfProgramType.CGroupSock] = "that every such call fails with EPERM",
        [BpfProgramType.CGroupSockAddr] = "that every such call fails with EPERM",
        [BpfProgramType.CGroupSockOpt] = "that every such call fails with EPERM",
        [BpfProgramType.CGroupSysctl] = "that every access fails with EPERM",
        [BpfProgramType.CGroupDevice] = "that every access fails with EPERM",
        [BpfProgramType.Lsm] = "that every such call fails with EPERM",
    };

    private static readonly Regex s_meant = new("drop|den[yi]|block|reject|refus|forbid|disallow|prevent|filter|fail|eperm|restrict|lock", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    // Where there are several, clang makes one of them, at the end of the function.
    private static readonly Regex s_zero = new(@"\breturn\s+0\s*;|^\s*\}\s*(/[/*].*)?$", RegexOptions.CultureInvariant);

    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        foreach (BpfProgramSpec program in spec.Programs)
        {
            if (s_refused.TryGetValue(program.Type, out string? refused) && (program.Type != BpfProgramType.Lsm || program.SectionName.StartsWith(OfGroups, StringComparison.Ordinal)) && program.SectionName != Release
                && !s_meant.IsMatch(program.Name) && RefusesAlways(CodeOf(program)))
            {
                BtfLineInfo[] own = [.. lines.OfSection(program.Code.Name).Where(line => line.InstructionOffset >= program.Symbol.Value && line.InstructionOffset < program.Symbol.Value + program.Symbol.Size)];
                if (Array.Find(own, line => s_zero.IsMatch(types.GetString(line.TextOffset))) is { Line: > 0 } zero && !Array.Exists(own, line => s_meant.IsMatch(types.GetString(line.TextOffset))))
                {
                    findings.Add(SourceIds.OtherVerdict, program.Name, lines.At(program.Code.Name, zero.InstructionOffset), program.Name, program.SectionName, "0 on all paths", refused, "1");
                }
            }
        }
    }

    private static BpfInstruction[] CodeOf(BpfProgramSpec program)
        => MemoryMarshal.Cast<byte, BpfInstruction>(program.Code.Data.Span.Slice((int)program.Symbol.Value, (int)program.Symbol.Size)).ToArray();

    // Each exit comes directly after r0 = 0, and something outside the stack is written.
    private static bool RefusesAlways(BpfInstruction[] code)
    {
        bool writes = false;
        bool exits = false;
        for (int at = 0; at < code.Length; at++)
        {
            BpfInstruction one = code[at];
            foreach (int next in LookupPaths.After(code, at))
            {
                if (next >= 0 && next < code.Length && code[next].OpCode == BpfOpCode.Exit)
                {
                    exits = true;
                    if (one is not { OpCode: BpfOpCode.MoveConstant or BpfOpCode.MoveConstant32, Destination: 0, Immediate: 0 })
                    {
                        return false;
                    }
                }
            }

            writes |= one.Class is BpfOpCode.ClassStore or BpfOpCode.ClassStoreRegister && one.Destination != FramePointer;
            at += one.IsWideLoad ? 1 : 0;
        }

        return writes && exits;
    }
}
