using System.Text.Json;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tests.Unit.Support;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>What a kernel's types say about the hooks of the monitors, before anything is loaded.</summary>
public sealed class PreflightTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-preflight-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>On this machine the forecast is what the monitors then do: no hook is resolved that a monitor does not have.</summary>
    [Fact]
    public void The_forecast_for_this_kernel_is_what_the_monitors_do()
    {
        Hmbpf.NeedsRoot();
        JsonElement forecast = Hmbpf.Run("preflight", "--json").Json;
        JsonElement reading = Hmbpf.Run("top", "--once", "--json").Json;
        Assert.NotEmpty(forecast.GetProperty("monitors").EnumerateArray());
        foreach (JsonElement monitor in forecast.GetProperty("monitors").EnumerateArray())
        {
            string name = monitor.GetProperty("name").GetString()!;
            JsonElement real = reading.GetProperty("monitors").EnumerateArray().Single(one => one.GetProperty("name").GetString() == name);
            Assert.Equal(monitor.GetProperty("condition").GetString() == "refused", real.GetProperty("condition").GetString() == "refused");
            Dictionary<string, string?> sources = real.GetProperty("hooks").EnumerateArray().ToDictionary(static hook => hook.GetProperty("name").GetString()!, static hook => hook.GetProperty("source").GetString());
            foreach (JsonElement absent in real.GetProperty("absentHooks").EnumerateArray())
            {
                sources.Add(absent.GetProperty("name").GetString()!, null);
            }

            if (sources.Count > 0)
            {
                Assert.Equal(monitor.GetProperty("hooks").EnumerateArray().ToDictionary(static hook => hook.GetProperty("name").GetString()!, static hook => hook.GetProperty("source").GetString()), sources);
            }
        }
    }

    [Fact]
    public void The_types_of_another_kernel_can_be_in_a_file()
    {
        Hmbpf.Outcome here = Hmbpf.Run("preflight", "cpu", "--btf", "/sys/kernel/btf/vmlinux", "--json");
        Assert.Equal((0, ""), (here.ExitCode, here.Error));
        JsonElement cpu = Assert.Single(here.Json.GetProperty("monitors").EnumerateArray());
        Assert.Equal("resolved", Hook(cpu, "sched_switch").GetProperty("verdict").GetString());
        Assert.Contains("sched_switch", Hmbpf.Run("preflight", "--btf", "/sys/kernel/btf/vmlinux").Output, StringComparison.Ordinal);
    }

    /// <summary>A kernel without the tracepoints, or with other arguments: the hook is refused with the reason, never guessed.</summary>
    [Fact]
    public void An_unknown_prototype_is_refused()
    {
        var types = new BtfBuilder();
        int task = types.Pointer(types.Struct("task_struct", 8));
        int number = types.Int("int", 4, BtfIntEncoding.Signed);
        int data = types.Pointer(0);
        types.Typedef("btf_trace_sched_switch", types.Pointer(types.Prototype(0, data, task, task, number)));
        string path = Path.Combine(_folder, "other.btf");
        File.WriteAllBytes(path, types.Build());

        Hmbpf.Outcome outcome = Hmbpf.Run("preflight", "--btf", path, "cpu", "--json");
        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Error));
        JsonElement cpu = Assert.Single(outcome.Json.GetProperty("monitors").EnumerateArray());
        Assert.Equal("refused", cpu.GetProperty("condition").GetString());
        Assert.Equal("tp_btf: tracepoint sched_switch has the arguments (task_struct, task_struct, int) here, which this version does not know", Hook(cpu, "sched_switch").GetProperty("reason").GetString());
        Assert.Equal("tp_btf: this kernel has no tracepoint sched_wakeup", Hook(cpu, "sched_wakeup").GetProperty("reason").GetString());
        Assert.Contains("refused", Hmbpf.Run("preflight", "--btf", path).Output, StringComparison.Ordinal);

        // Whether a module is loaded is a fact of the running kernel alone.
        JsonElement gpu = Assert.Single(Hmbpf.Run("preflight", "--btf", path, "gpu", "--json").Json.GetProperty("monitors").EnumerateArray());
        Assert.Equal(
            $"tp_btf: {path} has no types of module gpu_sched, which has tracepoint drm_sched_job_run; tp_btf: {path} has no types of module gpu_sched, which has tracepoint drm_run_job",
            Hook(gpu, "drm_sched_job_run").GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("There is no monitor 'cpus'; there are: cpu", "preflight", "cpus")]
    [InlineData("There is no monitor 'none'; there are: cpu", "record", "file", "none")]
    [InlineData("--seconds takes a whole number from 1 on.", "cost", "--seconds", "0")]
    [InlineData("--speed takes a number above 0, up to 100.", "replay", "file", "--speed", "0")]
    public void A_wrong_argument_is_named(string message, params string[] arguments)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run(arguments);
        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.StartsWith($"hmbpf: {message}", outcome.Error, StringComparison.Ordinal);
    }

    private static JsonElement Hook(JsonElement monitor, string name) => monitor.GetProperty("hooks").EnumerateArray().Single(hook => hook.GetProperty("name").GetString() == name);
}
