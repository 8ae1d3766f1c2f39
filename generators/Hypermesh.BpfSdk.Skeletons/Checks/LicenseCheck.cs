using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports objects without a license, and GPL-only features in objects whose license is not compatible with the GPL.</summary>
internal static class LicenseCheck
{
    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        if (spec.Programs.Count == 0)
        {
            // The license is for programs; a map needs none.
            return;
        }

        if (spec.License.Length == 0)
        {
            findings.Add(SourceIds.NoLicense, "", Math.Max(lines.Of(spec.Programs[0]), 1), spec.Name + ".bpf.c");
            return;
        }

        if (GplHelpers.IsCompatible(spec.License))
        {
            return;
        }

        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach (BpfProgramSpec program in spec.Programs)
        {
            if (program.Type is BpfProgramType.Lsm or BpfProgramType.StructOps)
            {
                findings.Add(SourceIds.GplOnlyHelper, program.Name, lines.Of(program), $"A program of type {program.Type}", spec.License, program.Name);
                continue;
            }

            foreach ((int helper, int line) in CallsOf(program, lines))
            {
                if (GplHelpers.Contains(helper, program.Type) && reported.Add($"{program.Name}:{helper}"))
                {
                    findings.Add(SourceIds.GplOnlyHelper, program.Name, line, BpfHelpers.NameOf(helper) ?? $"Helper {helper}", spec.License, program.Name);
                }
            }
        }
    }

    // Only the program's own calls; functions in .text are not followed.
    private static IEnumerable<(int Helper, int Line)> CallsOf(BpfProgramSpec program, SourceLines lines)
        => HelperCalls.In(program.Code)
            .Where(call => call.Offset - program.Symbol.Value < program.Symbol.Size)
            .Select(call => (call.Helper, lines.At(program.Code.Name, call.Offset)));
}
