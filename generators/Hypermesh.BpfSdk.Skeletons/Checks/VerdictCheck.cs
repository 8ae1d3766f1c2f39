using System.Text.RegularExpressions;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// Reports programs that return a constant of another hook, or 0 in XDP. The object has only numbers, so the text of the line is read; a line of another function, which is inlined, is left out.
/// </summary>
internal static class VerdictCheck
{
    private const string Zero = "0";

    private static readonly Regex s_returned = new(@"\breturn\s+(?:[^;]*\W)??(?<name>XDP_(?:ABORTED|DROP|PASS|TX|REDIRECT)|TC_ACT_(?:UNSPEC|OK|RECLASSIFY|SHOT|PIPE|STOLEN|REDIRECT)|TCX_(?:NEXT|PASS|DROP|REDIRECT)|NF_(?:DROP|ACCEPT)|SK_(?:DROP|PASS))\b", RegexOptions.CultureInvariant);
    private static readonly Regex s_zero = new(@"^\s*return\s+0\s*;", RegexOptions.CultureInvariant);

    private static readonly Dictionary<string, int> s_values = new(StringComparer.Ordinal)
    {
        ["XDP_ABORTED"] = 0, ["XDP_DROP"] = 1, ["XDP_PASS"] = 2, ["XDP_TX"] = 3, ["XDP_REDIRECT"] = 4,
        ["TC_ACT_UNSPEC"] = -1, ["TC_ACT_OK"] = 0, ["TC_ACT_RECLASSIFY"] = 1, ["TC_ACT_SHOT"] = 2, ["TC_ACT_PIPE"] = 3, ["TC_ACT_STOLEN"] = 4, ["TC_ACT_REDIRECT"] = 7,
        ["TCX_NEXT"] = -1, ["TCX_PASS"] = 0, ["TCX_DROP"] = 2, ["TCX_REDIRECT"] = 7,
        ["NF_DROP"] = 0, ["NF_ACCEPT"] = 1,
        ["SK_DROP"] = 0, ["SK_PASS"] = 1,
    };

    // The hooks with the beginnings of their constants, and what they let pass and drop with.
    private static readonly Dictionary<BpfProgramType, (string[] Own, string Pass, string Drop)> s_hooks = new()
    {
        [BpfProgramType.Xdp] = (["XDP_"], "XDP_PASS", "XDP_DROP"),
        [BpfProgramType.SchedCls] = (["TC_ACT_", "TCX_"], "TC_ACT_OK", "TC_ACT_SHOT"),
        [BpfProgramType.SchedAct] = (["TC_ACT_"], "TC_ACT_OK", "TC_ACT_SHOT"),
        [BpfProgramType.Netfilter] = (["NF_"], "NF_ACCEPT", "NF_DROP"),
        [BpfProgramType.SkSkb] = (["SK_"], "SK_PASS", "SK_DROP"),
        [BpfProgramType.SkMsg] = (["SK_"], "SK_PASS", "SK_DROP"),
        [BpfProgramType.SkLookup] = (["SK_"], "SK_PASS", "SK_DROP"),
        [BpfProgramType.CGroupSkb] = ([], "1", Zero),
    };

    public static void Run(BpfObjectSpec spec, SourceLines lines, Findings findings)
    {
        int[] starts = [.. spec.Programs.Select(lines.Of).Where(static line => line > 0).OrderBy(static line => line)];
        foreach (BpfProgramSpec program in spec.Programs)
        {
            if (!s_hooks.TryGetValue(program.Type, out (string[] Own, string Pass, string Drop) hook) || lines.Of(program) is not (> 0 and int start))
            {
                continue;
            }

            int end = starts.FirstOrDefault(line => line > start) is > 0 and int next ? next : int.MaxValue;
            foreach (BtfLineInfo line in lines.OfSection(program.Code.Name).Where(line => line.InstructionOffset >= program.Symbol.Value && line.InstructionOffset < program.Symbol.Value + program.Symbol.Size))
            {
                if (lines.TextAt(program.Code.Name, line.InstructionOffset) is var (number, text) && number >= start && number < end && Returned(text, program.Type) is { } name && !hook.Own.Any(own => name.StartsWith(own, StringComparison.Ordinal)))
                {
                    bool drops = name.EndsWith("DROP", StringComparison.Ordinal) || name.EndsWith("SHOT", StringComparison.Ordinal);
                    findings.Add(SourceIds.OtherVerdict, program.Name, number, program.Name, program.SectionName, name, Meaning(name, hook.Own), drops ? hook.Drop : hook.Pass);
                    break;
                }
            }
        }
    }

    private static string? Returned(string text, BpfProgramType type)
        => s_returned.Match(text) is { Success: true } found ? found.Groups["name"].Value
            : type == BpfProgramType.Xdp && s_zero.IsMatch(text) ? Zero
            : null;

    private static string Meaning(string name, string[] own)
    {
        int value = name == Zero ? 0 : s_values[name];
        string? meant = s_values.Where(one => one.Value == value && own.Length > 0 && one.Key.StartsWith(own[0], StringComparison.Ordinal)).Select(static one => one.Key).FirstOrDefault();
        return name == Zero ? "XDP_ABORTED (the packet is dropped as after an error)"
            : meant is not null ? $"{value}, {meant}"
            : own.Length == 0 ? $"{value}, where 1 lets a packet pass and 0 drops it"
            : $"{value}, which it does not know";
    }
}
