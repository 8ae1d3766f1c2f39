using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports what the object requires and the oldest kernel of the project lacks. What the C marks as optional is not reported.</summary>
internal static class RequirementCheck
{
    private static readonly Dictionary<RequirementKind, string> s_ways = new()
    {
        [RequirementKind.Helper] = "Check bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_{0}) before the call",
        [RequirementKind.KernelFunction] = "Declare it __weak and check if ({0}) before the call",
        [RequirementKind.MapType] = "Disable the map where the type is missing (Enabled of its spec) and declare it with HM_OPTIONAL of <hypermesh/optional.h>",
        [RequirementKind.ProgramType] = "Put the program into SEC(\"?…\") and enable it where it can run (Enabled of its spec)",
        [RequirementKind.AttachType] = "Put the program into SEC(\"?…\") and enable it where it can run (Enabled of its spec)",
        [RequirementKind.Feature] = "Remove the use of it",
    };

    private const string OfProcess = "Packets are handled in the context of an arbitrary process: call it in a program that runs in the process, such as SEC(\"cgroup/connect4\"), SEC(\"cgroup/sock_create\") or a tracepoint of a system call";

    public static void Run(BpfObjectSpec spec, Version oldest, SourceLines lines, Findings findings)
    {
        // Only the first of several calls of a helper is reported.
        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach (KernelRequirement one in ObjectRequirements.Of(spec).Where(one => !one.IsOptional && one.IsNewerThan(oldest)))
        {
            if (reported.Add(one.Subject))
            {
                int line = one.Place is { } place ? lines.At(place.Section, place.Offset) : LineOf(spec, one, lines);
                string way = one.IsLaterForType ? OfProcess : string.Format(s_ways[one.Kind], one.Name.StartsWith("bpf_", StringComparison.Ordinal) && one.Kind == RequirementKind.Helper ? one.Name.Substring(4) : one.Name);
                findings.Add(SourceIds.NewerThanOldest, one.CName, line, one.Subject, Since(one), oldest.ToString(), way);
            }
        }
    }

    private static int LineOf(BpfObjectSpec spec, KernelRequirement one, SourceLines lines)
        => spec.Programs.FirstOrDefault(program => program.Name == one.CName) is { } program ? lines.Of(program) : 0;

    private static string Since(KernelRequirement one) => one.Lacking is null ? $"came with Linux {one.Since}" : $"is in Linux {one.Since} and not in {one.Lacking}";
}
