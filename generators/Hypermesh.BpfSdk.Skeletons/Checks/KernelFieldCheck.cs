using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports fields of kernel structs that are read at the offset of the C declaration, not of the running kernel: loads without a CO-RE relocation through a pointer that
/// the kernel passed to the program. The verifier does not let a program follow a pointer to a plain number, so such a load reads a field.
/// </summary>
internal static class KernelFieldCheck
{
    private static readonly Regex s_access = new(@"[A-Za-z_]\w*\s*->\s*[A-Za-z_]\w*|\(\s*\*\s*\w+\s*\)\s*\.\s*[A-Za-z_]\w*", RegexOptions.CultureInvariant);

    // Structs of the stable user-space ABI need no relocation. Socket addresses are recognized by the names of their fields, registers by their type and macros.
    private static readonly Regex s_stable = new(@"(->|\.)\s*(sa_|sin_|sin6_|sun_|sll_|nl_)|PT_REGS|pt_regs", RegexOptions.CultureInvariant);

    // These hooks pass structs of that ABI, or what belongs to the program itself (map values).
    private static readonly string[] s_stableHooks =
    [
        "sys_enter", "sys_exit", "bpf", "bpf_map", "bpf_prog", "perf_event_open", "bpf_map_elem", "bpf_sk_storage_map", "__x64_sys_", "__ia32_sys_", "__arm64_sys_", "__se_sys_", "__do_sys_", "do_syscall_64",
    ];

    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        foreach (BpfProgramSpec program in spec.Programs)
        {
            HashSet<uint> relocated = [.. (spec.BtfExtension?.RelocationsOf(program.Code.Name) ?? []).Select(relocation => relocation.InstructionOffset)];
            bool passesKernelPointers = program.Section.Attach is AttachKind.Trace or AttachKind.Lsm or AttachKind.Iterator && !IsStable(program.Target);
            var reported = new HashSet<int>();
            foreach ((uint offset, bool isField) in KernelPointers.FixedReads(program, relocated, passesKernelPointers))
            {
                (int line, string text) = lines.TextAt(program.Code.Name, offset);
                Match access = s_access.Match(text);
                if (line > 0 && (isField || access.Success) && !s_stable.IsMatch(text) && reported.Add(line))
                {
                    findings.Add(SourceIds.FixedKernelField, program.Name, line, access.Success ? access.Value : text.Trim(), program.Name);
                }
            }
        }
    }

    private static bool IsStable(string? target)
        => target is null || Array.Exists(s_stableHooks, hook => hook.EndsWith("_", StringComparison.Ordinal) ? target.StartsWith(hook, StringComparison.Ordinal) : target == hook);
}
