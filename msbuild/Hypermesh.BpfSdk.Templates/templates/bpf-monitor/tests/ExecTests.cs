using System.Diagnostics;
using BPF_IDENTIFIER;

namespace BPF_IDENTIFIER.Tests;

public sealed class ExecTests
{
    // Reading the object requires no capability; only loading it does.
    [Fact]
    public void All_processes_are_reported_unless_one_parent_is_asked_for() => Assert.Equal(0u, Exec.Open().Globals.OnlyParent);

    [BpfFact]
    public async Task A_process_is_one_event()
    {
        await using Exec exec = Exec.Open(spec => spec.Globals.OnlyParent = (uint)Environment.ProcessId).Load();
        exec.Attach();

        using Process process = Process.Start("/bin/true");
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        var seen = new List<Exec.Event>();
        exec.Maps.Events.Consume((ref readonly Exec.Event e) => seen.Add(e));
        Exec.Event found = Assert.Single(seen);
        Assert.Equal(((uint)process.Id, "true", 0ul), (found.Pid, found.Comm.ToString(), exec.Maps.Events.Dropped));
    }
}
