using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports return probes that are written with the macro for parameters: when a function returns, its registers hold something else. The macro is known only by the text of its line.</summary>
internal static class ReturnProbeCheck
{
    private static readonly Regex s_macro = new(@"\b(?<macro>BPF_[KU]PROBE)\s*\(\s*\w+\s*,", RegexOptions.CultureInvariant);

    public static void Run(BpfObjectSpec spec, BtfTypes types, SourceLines lines, Findings findings)
    {
        foreach (BpfProgramSpec program in spec.Programs.Where(static program => program.Section.IsReturn))
        {
            BtfLineInfo written = lines.OfSection(program.Code.Name)
                .Where(line => line.InstructionOffset >= program.Symbol.Value && line.InstructionOffset < program.Symbol.Value + program.Symbol.Size)
                .FirstOrDefault(line => s_macro.IsMatch(types.GetString(line.TextOffset)));
            if (written.Line > 0 && s_macro.Match(types.GetString(written.TextOffset)).Groups["macro"].Value is var macro)
            {
                string entry = program.Section.Name.Replace("ret", "");
                findings.Add(SourceIds.LostParameters, program.Name, lines.At(program.Code.Name, written.InstructionOffset), program.Name, program.SectionName, macro,
                    $"{macro.Replace("PROBE", "RETPROBE")}({program.Name}, TYPE result) for the result, or SEC(\"{entry}/…\") for the parameters");
            }
        }
    }
}
