using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports programs whose section does not name a program type, or whose target, which only the section can name, is absent or of another form.</summary>
internal static class SectionCheck
{
    // Sections whose target C# cannot set, each with an example. C# can set a function of another program (SetTarget) and everything that Attach takes.
    private static readonly Dictionary<string, string> s_examples = new(StringComparer.Ordinal)
    {
        ["tp_btf"] = "sched_switch",
        ["tp_btf.s"] = "sys_enter",
        ["lsm"] = "file_open",
        ["lsm.s"] = "file_open",
        ["lsm_cgroup"] = "socket_bind",
        ["iter"] = "task",
        ["iter.s"] = "task",
    };

    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        foreach (BpfProgramSpec program in spec.Programs)
        {
            if (program.Section.Attach == AttachKind.None)
            {
                string nearest = NearestSection.Of(program.SectionName) is { } name
                    ? $"The nearest known section is SEC(\"{name}\")"
                    : "Write a known section, such as SEC(\"xdp\") or SEC(\"tp_btf/sched_switch\")";
                findings.Add(SourceIds.UnknownSection, program.Name, lines.Of(program), program.Name, program.SectionName, nearest);
            }
            else if (program.Target is null && s_examples.TryGetValue(program.Section.Name, out string? example))
            {
                findings.Add(SourceIds.NoTarget, program.Name, lines.Of(program), program.Name, program.SectionName, $"{program.Section.Name}/{example}");
            }
            else if (program.Target is { } target && SectionForms.OfTarget(program.Section, target) is { } corrected)
            {
                findings.Add(SourceIds.NoTarget, program.Name, lines.Of(program), program.Name, program.SectionName, corrected);
            }
        }
    }
}
