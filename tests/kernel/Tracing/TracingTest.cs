using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Tracing;

/// <summary>What tests of tracing share: their stimulus, made on their own thread, and how they learn that a kernel has no such hooks at all.</summary>
public abstract class TracingTest : KernelTest
{
    protected const int GetPgid = 121;
    protected const int GetPpid = 110;
    protected const int SetPgid = 109;
    protected const int Prctl = 157;
    protected const int Calls = 7;

    private protected static int ThreadId => (int)LibC.Syscall(186, 0, 0, 0, 0, 0);

    private protected static bool HasKProbes => ProbePmu.Read(Kernel, ProbePmu.Kernel) is not null;

    /// <summary>Calls getpgid of this process some times.</summary>
    /// <returns>How many of the calls failed.</returns>
    private protected static int CallGetPgid(int times = Calls)
    {
        int failed = 0;
        for (int i = 0; i < times; i++)
        {
            failed += LibC.Syscall(GetPgid, Environment.ProcessId, 0, 0, 0, 0) < 0 ? 1 : 0;
        }

        return failed;
    }

    /// <summary>Calls setpgid once, for a group that cannot be.</summary>
    private protected static void CallSetPgid() => Assert.Equal(-1, LibC.Syscall(SetPgid, 0, -1, 0, 0, 0));

    /// <summary>An object with one program, for this thread.</summary>
    private protected Probes Load(Func<Probes.Spec, ProgramSpec> choose, ulong wanted = GetPgid)
    {
        Probes.Spec spec = Probes.Open();
        spec.Globals.Tid = (uint)ThreadId;
        spec.Globals.Wanted = wanted;
        choose(spec).Enabled = true;
        return Own(spec.Load());
    }

    private protected static void NeedsKProbes()
        => Assert.SkipUnless(HasKProbes || File.Exists("/sys/kernel/tracing/kprobe_events"), "this kernel is built without kprobes (no kprobe perf event source)");

    /// <summary>
    /// Trampolines of functions are refused as policy by a kernel that has no kprobes either, whatever the process may do; elsewhere a refusal is a failure.
    /// </summary>
    private protected static T OrSkipWhereTrampolinesAreRefused<T>(Func<T> attempt)
    {
        try
        {
            return attempt();
        }
        catch (BpfPermissionException reason) when (!HasKProbes && reason.Refused == BpfRefusal.KernelPolicy)
        {
            Assert.Skip("this kernel refuses programs at functions: " + reason.Message);
            throw;
        }
    }
}
