using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports helpers for kernel memory that get an address that a process passed, to a system call or to a function of its own: the program loads, and the helper fails.</summary>
internal static class ProcessMemoryCheck
{
    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        foreach (BpfProgramSpec program in spec.Programs)
        {
            ProcessValues values = ProcessValues.Of(program);
            var reported = new HashSet<int>();
            foreach ((uint offset, int helper) in values == ProcessValues.None ? [] : KernelPointers.ReadsOfProcess(program, values))
            {
                (int line, string text) = lines.TextAt(program.Code.Name, offset);
                if (reported.Add(line))
                {
                    string name = BpfHelpers.NameOf(helper)!;
                    findings.Add(SourceIds.ProcessMemory, program.Name, line, name, program.Name, Remedy(name, text));
                }
            }
        }
    }

    private static string Remedy(string helper, string text)
        => text.Contains("BPF_CORE_READ") ? "BPF_CORE_READ_USER"
            : text.Contains("BPF_PROBE_READ") ? "BPF_PROBE_READ_USER"
            : helper.Replace("_kernel", "_user");
}
