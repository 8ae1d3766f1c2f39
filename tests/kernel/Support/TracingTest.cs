using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>What tests of tracing share: their stimulus, made on their own thread, and how they learn that a kernel has no such hooks at all.</summary>
public abstract class TracingTest : KernelTest
{
    protected const int GetPgid = 121;
    protected const int GetPpid = 110;
    protected const int SetPgid = 109;
    protected const int Prctl = 157;
    protected const int Calls = 7;

    private protected static int ThreadId => (int)LibC.Syscall(186, 0, 0, 0, 0, 0);

    private protected static bool HasKProbes => KernelFacts.HasKProbes;

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
    private protected Probes Load(Func<Probes.Spec, BpfProgramSpec> choose, ulong wanted = GetPgid)
    {
        Probes.Spec spec = Probes.Open();
        spec.Globals.Tid = (uint)ThreadId;
        spec.Globals.Wanted = wanted;
        BpfProgramSpec program = choose(spec);
        program.Enabled = true;
        return Own(OrSkipWhereRefused(program, () => spec.Load()));
    }

    private protected static void NeedsKProbes()
        => Assert.SkipUnless(HasKProbes, "this kernel has no kprobes");

    /// <summary>Skips where the kernel's policy refuses the smallest program of a section too.</summary>
    private protected static T OrSkipWhereRefused<T>(BpfProgramSpec program, Func<T> attempt) => Canary.OrSkip(program.SectionName, attempt);

    /// <summary>Attaches a program to getpgid: each call is so many runs, and fails where the program refuses; detached, it does neither.</summary>
    private protected bool CountCalls(Func<Probes.Spec, BpfProgramSpec> choose, int runs = 1, bool refuses = false)
    {
        Probes probes = OrSkipWhereRefused(choose(Probes.Open()), () =>
        {
            Probes loaded = Load(choose);
            loaded.Attach();
            return loaded;
        });

        Assert.Equal(refuses ? Calls : 0, CallGetPgid());

        Assert.Equal((ulong)(Calls * runs), probes.Globals.Hits);
        Assert.Single(probes.Live.Links).Dispose();
        Assert.Equal(0, CallGetPgid());
        Assert.Equal((ulong)(Calls * runs), probes.Globals.Hits);
        return true;
    }
}
