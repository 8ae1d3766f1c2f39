using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.FeatureChecks;

/// <summary>What this kernel has, found by us and by bpftool: every kind both know must get one answer.</summary>
public sealed class KindProbeTests : KernelTest
{
    // Where the kernel's list has two spellings, bpftool's.
    private static readonly Dictionary<BpfMapType, string> s_renamed = new()
    {
        [BpfMapType.CGroupStorageDeprecated] = "cgroupstorage",
        [BpfMapType.PerCpuCGroupStorageDeprecated] = "percpucgroupstorage",
        [BpfMapType.CGroupLocalStorage] = "cgrpstorage",
    };

    [Fact]
    [Row("runtime", "feature probe of prog type")]
    public void Program_types_are_as_bpftool_finds_them()
    {
        using JsonDocument found = Probe("program_types");
        AssertAgree(found, "have_", "_prog_type", Enum.GetValues<BpfProgramType>().Where(static type => type != BpfProgramType.Unspec)
            .Select(type => (Plain(type.ToString()), BpfFeatures.Current.Check(type))), least: 25);
        Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Current.Check((BpfProgramType)999).State);
    }

    [Fact]
    [Row("runtime", "feature probe of map type")]
    public void Map_types_are_as_bpftool_finds_them()
    {
        using JsonDocument found = Probe("map_types");
        AssertAgree(found, "have_", "_map_type", Enum.GetValues<BpfMapType>().Where(static type => type != BpfMapType.Unspec)
            .Select(type => (s_renamed.GetValueOrDefault(type, Plain(type.ToString())), BpfFeatures.Current.Check(type))), least: 25);
        Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Current.Check((BpfMapType)999).State);
    }

    [Fact]
    [Row("runtime", "feature probe of helper")]
    public void Helpers_are_as_bpftool_finds_them()
    {
        using JsonDocument found = Probe("helpers");
        var lists = found.RootElement.GetProperty("helpers").EnumerateObject().ToDictionary(
            static list => Plain(list.Name), static list => list.Value.EnumerateArray().Select(static helper => helper.GetString()!).ToHashSet(StringComparer.Ordinal));
        int known = lists.Values.SelectMany(static list => list).Max(BpfHelpers.NumberOf);
        int compared = 0;
        foreach (BpfProgramType type in (BpfProgramType[])[BpfProgramType.SocketFilter, BpfProgramType.KProbe, BpfProgramType.Xdp, BpfProgramType.CGroupSockAddr, BpfProgramType.SkLookup])
        {
            HashSet<string> theirs = lists[Plain(type.ToString()) + "availablehelpers"];
            for (int helper = 1; helper <= known; helper++)
            {
                BpfFeatureResult ours = BpfFeatures.Current.CheckHelper(type, helper);
                bool isThere = theirs.Contains(BpfHelpers.NameOf(helper)!);

                // A bpftool older than these words of the verifier (6.13) takes them for an objection to the arguments.
                bool isMisread = isThere && ours.Detail.StartsWith("program of this type cannot use helper", StringComparison.Ordinal);
                Assert.True(isMisread || ours.State == (isThere ? BpfFeatureState.Supported : BpfFeatureState.Absent), $"{ours} is not as bpftool has it");
                compared++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} pairs of helper and program type");
        Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Current.CheckHelper(BpfProgramType.KProbe, 9999).State);
        Assert.Equal(BpfFeatureState.Supported, BpfFeatures.Current.CheckHelper(BpfProgramType.Tracing, "bpf_probe_read_kernel").State);
        Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Current.CheckHelper(BpfProgramType.Tracing, "bpf_skb_vlan_push").State);
    }

    [Theory]
    [InlineData(BpfLinkType.RawTracepoint, "5.10")]
    [InlineData(BpfLinkType.CGroup, "5.10")]
    [InlineData(BpfLinkType.Iterator, "5.10")]
    [InlineData(BpfLinkType.NetworkNamespace, "5.10")]
    [InlineData(BpfLinkType.Xdp, "5.10")]
    [InlineData(BpfLinkType.PerfEvent, "5.15")]
    [InlineData(BpfLinkType.StructOps, "6.4")]
    [InlineData(BpfLinkType.Netfilter, "6.4")]
    [InlineData(BpfLinkType.Tcx, "6.6")]
    [InlineData(BpfLinkType.UProbeMulti, "6.6")]
    [InlineData(BpfLinkType.SockMap, "6.10")]
    public void Kinds_of_link_are_there_from_their_kernel_on(BpfLinkType type, string since)
    {
        BpfFeatureResult found = BpfFeatures.Current.Check(type);
        Assert.True(found.State == (KernelFacts.Running >= Version.Parse(since) ? BpfFeatureState.Supported : BpfFeatureState.Absent), found.ToString());
    }

    [Fact]
    public void Options_are_as_the_configuration_has_them()
    {
        BpfFeatureResult syscall = BpfFeatures.Current.CheckOption("CONFIG_BPF_SYSCALL");
        bool isTold = File.Exists("/proc/config.gz") || File.Exists($"/boot/config-{File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}");
        Assert.SkipUnless(isTold, "this kernel's configuration is neither in /proc nor in /boot");
        Assert.Equal((BpfFeatureState.Supported, "y"), (syscall.State, syscall.Detail));
        Assert.Equal(BpfFeatureState.Absent, BpfFeatures.Current.CheckOption("CONFIG_NO_SUCH_OPTION").State);
    }

    // What we could not find out for a refusal, bpftool calls missing.
    private static void AssertAgree(JsonDocument found, string prefix, string suffix, IEnumerable<(string Name, BpfFeatureResult Ours)> kinds, int least)
    {
        Dictionary<string, bool> theirs = found.RootElement.EnumerateObject().First().Value.EnumerateObject()
            .ToDictionary(entry => Plain(entry.Name[prefix.Length..^suffix.Length]), static entry => entry.Value.GetBoolean());
        var report = new StringBuilder();
        int compared = 0;
        foreach ((string name, BpfFeatureResult ours) in kinds)
        {
            report.AppendLine($"{ours.Subject}: {ours.State} {ours.Detail}");
            if (theirs.TryGetValue(name, out bool there))
            {
                Assert.True(ours.State == BpfFeatureState.Refused || ours.State == BpfFeatureState.Supported == there || IsMissedByBpftool(ours), $"{ours}, and bpftool says {there}");
                compared++;
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(report.ToString());
        Assert.True(compared >= least, $"{compared} of {theirs.Count} kinds have names known to both");
    }

    // bpftool tries tracing by fentry alone; where that is refused, tracepoints with types are tracing all the same.
    private static bool IsMissedByBpftool(BpfFeatureResult ours)
        => ours.Subject == $"program type {BpfProgramType.Tracing}" && BpfFeatures.Current.Check(BpfLinkType.Tracing).State == BpfFeatureState.Refused;

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    // bpftool may mount things: in a mount namespace of its own.
    private static JsonDocument Probe(string section)
    {
        using Process process = Process.Start(new ProcessStartInfo("unshare", ["-m", "bpftool", "-j", "feature", "probe", "kernel", "full"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        using JsonDocument all = JsonDocument.Parse(process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        return JsonDocument.Parse($"{{\"{section}\":{all.RootElement.GetProperty(section).GetRawText()}}}");
    }
}
