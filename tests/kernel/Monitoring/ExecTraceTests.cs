using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

/// <summary>The program of samples/ExecTrace against processes this test counts itself.</summary>
public sealed class ExecTraceTests : KernelTest
{
    private const int Processes = 1000;

    [Fact]
    public void A_thousand_short_processes_are_a_thousand_execs_and_exits()
    {
        using Process shell = StartShell();
        Exec exec = Own(Exec.Open(spec => spec.Globals.OnlyParent = (uint)shell.Id).Load());
        exec.Attach();
        int execs = 0, exits = 0;
        RunAll(shell);
        exec.Maps.Events.Consume((ref readonly Exec.Event e) =>
        {
            Assert.Equal((uint)shell.Id, e.Parent);
            if (e.Kind == Exec.EventKind.ProcessExec)
            {
                execs++;
                Assert.Equal("/bin/true", e.File.ToString());
            }
            else
            {
                exits++;
                Assert.Equal((0, 0), (e.ExitCode, e.Signal));
                Assert.True(e.RunTimeNs > 0);
            }
        });
        Assert.Equal((Processes, Processes, 0UL), (execs, exits, exec.Maps.Events.Dropped));
    }

    [Fact]
    public void What_a_small_ring_has_no_room_for_is_counted()
    {
        using Process shell = StartShell();
        Exec exec = Own(Exec.Open(spec =>
        {
            spec.Globals.OnlyParent = (uint)shell.Id;
            spec.Maps.Events.MaxEntries = 4096;
            spec.Programs.SchedExit.Enabled = false;
        }).Load());
        exec.Attach();
        RunAll(shell);
        ulong seen = 0;
        exec.Maps.Events.Consume((ref readonly Exec.Event _) => seen++);
        Assert.InRange(seen, 1UL, 4096UL / 168);
        Assert.Equal((ulong)Processes, seen + exec.Maps.Events.Dropped);
    }

    // It waits for a line, so that the monitor can know it before it starts anything.
    private static Process StartShell() => Process.Start(new ProcessStartInfo("/bin/sh")
    {
        ArgumentList = { "-c", $"read go; i=0; while [ $i -lt {Processes} ]; do /bin/true; i=$((i + 1)); done" },
        RedirectStandardInput = true,
    })!;

    private static void RunAll(Process shell)
    {
        shell.StandardInput.WriteLine("go");
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
