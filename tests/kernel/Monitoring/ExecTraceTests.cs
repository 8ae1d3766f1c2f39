using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

/// <summary>The program of samples/ExecTrace against processes this test counts itself.</summary>
public sealed class ExecTraceTests : KernelTest
{
    // Under emulation starting one takes a sixth of a second. A tenth of them still overflows the small ring four times over.
    private static readonly int s_processes = Emulation.IsEmulated ? 100 : 1000;

    [Fact]
    public void Each_short_process_is_one_exec_and_one_exit()
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
        Assert.Equal((s_processes, s_processes, 0UL), (execs, exits, exec.Maps.Events.Dropped));
    }

    [Fact]
    public void Records_that_a_small_ring_has_no_room_for_are_counted()
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
        Assert.Equal((ulong)s_processes, seen + exec.Maps.Events.Dropped);
    }

    // It waits for a line, so that the monitor can know it before it starts anything.
    private static Process StartShell() => Process.Start(new ProcessStartInfo("/bin/sh")
    {
        ArgumentList = { "-c", $"read go; i=0; while [ $i -lt {s_processes} ]; do /bin/true; i=$((i + 1)); done" },
        RedirectStandardInput = true,
    })!;

    private static void RunAll(Process shell)
    {
        shell.StandardInput.WriteLine("go");
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
