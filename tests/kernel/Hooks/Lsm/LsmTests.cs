namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Lsm;

/// <summary>Programs at security hooks: each call is one run, and is refused.</summary>
public sealed class LsmTests : TracingTest
{
    [Fact]
    [Row("sections", "lsm")]
    [Row("links", "lsm / sleepable lsm")]
    public void A_security_hook_refuses() => CountCalls(spec => spec.Programs.Security, refuses: true);

    [Fact]
    [Row("sections", "lsm.s")]
    [Row("links", "lsm / sleepable lsm")]
    public void A_security_hook_that_may_sleep_refuses()
    {
        const ulong Option = 0x686d0001;
        Probes probes = OrSkipWhereRefused(Probes.Open().Programs.SecuritySleepable, () => OrSkip(Absence.OfSleep, () =>
        {
            Probes loaded = Load(spec => spec.Programs.SecuritySleepable, Option);
            loaded.Attach();
            return loaded;
        }));

        for (int i = 0; i < Calls; i++)
        {
            Assert.Equal(-1, LibC.Syscall(Prctl, (nint)Option, 0, 0, 0, 0));
            Assert.Equal(13, System.Runtime.InteropServices.Marshal.GetLastPInvokeError());
        }

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }
}
