using System.Diagnostics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>What the monitors cost, as <c>hmbpf cost</c> measures it.</summary>
public sealed class CostTests
{
    [Fact]
    public void The_cost_of_a_switch_is_the_run_time_divided_by_the_switches()
    {
        Hmbpf.NeedsRoot();
        ulong before = ContextSwitches();
        Hmbpf.Outcome outcome = Hmbpf.Run("cost", "--seconds", "2", "--json", "cpu");
        ulong switches = ContextSwitches() - before;
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        JsonElement cpu = Assert.Single(outcome.Json.GetProperty("monitors").EnumerateArray());
        double events = cpu.GetProperty("events").GetDouble();
        ulong ns = cpu.GetProperty("runTimeNs").GetUInt64();
        Assert.InRange(outcome.Json.GetProperty("seconds").GetDouble(), 1.9, 20);
        Assert.InRange(events, 1, switches);
        Assert.Equal("switch", cpu.GetProperty("event").GetString());
        Assert.Equal(ns / events, cpu.GetProperty("nsPerEvent").GetDouble(), 0.001);
        Assert.True(cpu.GetProperty("runs").GetUInt64() >= events * 0.9, outcome.Output);
        Assert.InRange(cpu.GetProperty("coreShare").GetDouble(), double.Epsilon, Environment.ProcessorCount);
        Assert.InRange(cpu.GetProperty("mapBytes").GetUInt64(), 4096UL, 64UL << 20);
        Assert.InRange(cpu.GetProperty("programBytes").GetUInt64(), 4096UL, 1UL << 20);
        Assert.InRange(outcome.Json.GetProperty("residentBytes").GetUInt64(), 1UL << 20, 1UL << 30);
    }

    [Fact]
    public void Without_the_capability_it_is_refused_with_its_name()
    {
        Hmbpf.NeedsRoot();
        using Process process = Process.Start(new ProcessStartInfo("setpriv", ["--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "dotnet", Path.Combine(AppContext.BaseDirectory, "hmbpf.dll"), "cost", "cpu"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("CAP_SYS_ADMIN", error, StringComparison.Ordinal);
    }

    private static ulong ContextSwitches()
        => ulong.Parse(File.ReadLines("/proc/stat").Single(static line => line.StartsWith("ctxt ", StringComparison.Ordinal)).AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
}
