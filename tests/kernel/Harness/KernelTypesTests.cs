namespace Hypermesh.Bpf.Tests.Kernel.Harness;

/// <summary>The tests' own reader of the kernel's types.</summary>
public sealed class KernelTypesTests : KernelTest
{
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
