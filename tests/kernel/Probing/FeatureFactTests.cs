namespace Hypermesh.Bpf.Tests.Kernel.Probing;

/// <summary>Each probe of the library against a fact of the kernel that the library has no part in. Tests skip by those facts alone.</summary>
public sealed class FeatureFactTests : KernelTest
{
    public static TheoryData<BpfFeature> Features => [.. Enum.GetValues<BpfFeature>()];

    [Theory]
    [MemberData(nameof(Features))]
    public void A_probe_finds_what_the_kernel_has(BpfFeature feature)
    {
        BpfFeatureResult found = BpfFeatures.Current.Check(feature);

        // A refusal is an answer only where the kernel's policy refuses programs at functions, which the tests' own canary shows.
        bool mayBeRefused = feature is BpfFeature.TracingMultiLink && Canary.Of("fentry/bpf_fentry_test1").Try() == -Errno.EPERM;
        Assert.True(
            found.State == (KernelFacts.Has(feature) ? BpfFeatureState.Supported : BpfFeatureState.Absent) || (mayBeRefused && found.State == BpfFeatureState.Refused),
            $"{found}; by the kernel's own types, symbols and version it is {(KernelFacts.Has(feature) ? "there" : "not there")}");
    }

    [Fact]
    public void The_tests_own_reader_of_types_reads_what_bpftool_prints()
    {
        Assert.SkipWhen(Emulation.IsEmulated, "takes minutes where a processor is emulated, and the machine's own kernel has shown it");
        (int code, string output) = OwnProcess.Start(["bpftool", "btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "raw"], "/");
        Assert.True(code == 0, output);
        string[] lines = output.Split('\n');

        Assert.Equal(IdIn(lines, "FUNC 'bpf_fentry_test1'"), KernelTypes.Running.FunctionId("bpf_fentry_test1"));
        Assert.Equal(IdIn(lines, "TYPEDEF 'btf_trace_sched_switch'"), KernelTypes.Running.TypedefId("btf_trace_sched_switch"));
        Assert.Contains(lines, line => line.Trim() == $"'BPF_MAP_TYPE_RINGBUF' val={KernelTypes.Running.Constant("bpf_map_type", "BPF_MAP_TYPE_RINGBUF")}");
        Assert.True(KernelTypes.Running.HasMember("bpf_attr", "prog_name"));
        Assert.False(KernelTypes.Running.HasMember("bpf_attr", "no_such_member"));
    }

    private static int IdIn(string[] lines, string what)
    {
        string line = lines.First(line => line.Contains(what, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(1, line.IndexOf(']', StringComparison.Ordinal) - 1), System.Globalization.CultureInfo.InvariantCulture);
    }
}
