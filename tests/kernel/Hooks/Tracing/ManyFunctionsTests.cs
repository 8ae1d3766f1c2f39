using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracing;

/// <summary>Typed programs at many kernel functions by one link: each call of each function is one run.</summary>
public sealed class ManyFunctionsTests : TracingTest
{
    private const string GetPgidFunction = "__x64_sys_getpgid";
    private const string SetPgidFunction = "__x64_sys_setpgid";

    [Fact]
    [Row("sections", "fentry.multi")]
    [Row("links", "fentry/fexit/fsession.multi (TRACING_MULTI link)")]
    public void Entries_are_counted() => Count(spec => spec.Programs.ManyEntries, BpfAttachType.TraceFEntryMulti);

    [Fact]
    [Row("sections", "fexit.multi")]
    [Row("links", "fentry/fexit/fsession.multi (TRACING_MULTI link)")]
    public void Exits_are_counted() => Count(spec => spec.Programs.ManyExits, BpfAttachType.TraceFExitMulti);

    [Fact]
    [Row("sections", "fsession.multi")]
    [Row("links", "fentry/fexit/fsession.multi (TRACING_MULTI link)")]
    public void Sessions_run_at_entry_and_exit() => Count(spec => spec.Programs.ManySessions, BpfAttachType.TraceFSessionMulti, runs: 2);

    [Fact]
    [Row("sections", "fentry.multi.s")]
    public void Entries_that_may_sleep_are_counted() => Count(spec => spec.Programs.ManyEntriesSleepable, BpfAttachType.TraceFEntryMulti);

    [Fact]
    [Row("sections", "fexit.multi.s")]
    public void Exits_that_may_sleep_are_counted() => Count(spec => spec.Programs.ManyExitsSleepable, BpfAttachType.TraceFExitMulti);

    [Fact]
    [Row("sections", "fsession.multi.s")]
    public void Sessions_that_may_sleep_run_at_entry_and_exit() => Count(spec => spec.Programs.ManySessionsSleepable, BpfAttachType.TraceFSessionMulti, runs: 2);

    [Fact]
    [Row("links", "link info: tracing_multi")]
    [Row("links", "fentry/fexit/fsession.multi (TRACING_MULTI link)")]
    [Row("links", "link iteration and link info by kind")]
    public void Functions_have_a_cookie_each_by_name_and_by_ID()
    {
        Probes probes = Needed(() => Load(spec => spec.Programs.ManyCookies));
        BpfTracingMultiProgram program = probes.Programs.ManyCookies;
        Assert.Equal((false, false, (string?)null), (program.IsReturn, program.IsSession, program.Module));

        // The kernel sorts functions by number, and their cookies with them.
        BpfProgramLink names = program.Attach([SetPgidFunction, GetPgidFunction], [0x1000, 0x10]);
        CallGetPgid();
        CallSetPgid();
        Assert.Equal((Calls + 1ul, (Calls * 0x10ul) + 0x1000), (probes.Globals.Hits, probes.Globals.Cookies));
        var info = Assert.IsType<BpfTracingMultiLinkInfo>(BpfLinkInfo.FromId(names.Id!.Value));
        Assert.Equal((BpfLinkType.TracingMulti, program.Id, BpfAttachType.TraceFEntryMulti), (info.Type, info.ProgramId, info.AttachType));
        Assert.Equal([(GetPgidFunction, 0x10ul), (SetPgidFunction, 0x1000ul)], info.Functions.Select(static function => (function.Name, function.Cookie)).Order());
        Assert.Contains("2 kernel functions", Assert.Single(BpfLinkInfo.List(), link => link.Id == names.Id).Target, StringComparison.Ordinal);
        names.Dispose();

        using KernelBtf kernel = KernelBtf.Acquire();
        int number = kernel.Types.Find(GetPgidFunction, BtfKind.Function);
        BpfProgramLink numbers = program.Attach([number], [0x100000]);
        CallGetPgid();
        Assert.Equal((Calls * 0x10ul) + 0x1000 + (Calls * 0x100000ul), probes.Globals.Cookies);
        info = Assert.IsType<BpfTracingMultiLinkInfo>(BpfLinkInfo.FromId(numbers.Id!.Value));
        Assert.Equal((uint)number, Assert.Single(info.Functions).TypeId);
    }

    [Fact]
    public void All_functions_are_attached_to_or_none()
    {
        Probes probes = Needed(() => Load(spec => spec.Programs.ManyCookies));
        BpfTracingMultiProgram program = probes.Programs.ManyCookies;

        Assert.Contains("no_such_function_at_all", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach([GetPgidFunction, "no_such_function_at_all"])).Message, StringComparison.Ordinal);
        Assert.Contains("no_such_function_*", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach("no_such_function_*")).Message, StringComparison.Ordinal);
        Assert.Contains("twice", Assert.Throws<BpfException>(() => program.Attach([GetPgidFunction, GetPgidFunction])).Message, StringComparison.Ordinal);
        Assert.Contains("pass one for each function", Assert.Throws<BpfException>(() => program.Attach([GetPgidFunction], [1, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("for functions of the kernel", Assert.Throws<BpfException>(() => program.Attach("nf_conntrack:*")).Message, StringComparison.Ordinal);

        // One that may not be traced: the kernel takes not the other either.
        BpfSyscallException refused = Assert.Throws<BpfSyscallException>(() => program.Attach([GetPgidFunction, "migrate_disable"]));
        Assert.Equal(Errno.EINVAL, refused.Errno);
        Assert.Contains("or never returns: leave it out", refused.Message, StringComparison.Ordinal);
        CallGetPgid();
        Assert.Empty(probes.Live.Links);
        Assert.Equal(0ul, probes.Globals.Hits);
    }

    [Fact]
    public void Patterns_need_no_tracing_file_system() => Sandbox.WithoutTracing(() =>
    {
        Probes probes = Needed(() => Load(spec => spec.Programs.ManyEntries));
        probes.Attach();

        CallGetPgid();
        CallSetPgid();

        Assert.Equal(Calls + 1ul, probes.Globals.Hits);
        probes.Dispose();
    });

    [Fact]
    public void An_older_kernel_is_reported()
    {
        Assert.SkipWhen(KernelFacts.Has(BpfFeature.TracingMultiLink), "this kernel has links to many functions");
        BpfFeatureNotSupportedException refusal = OrSkipWhereRefused(Probes.Open().Programs.ManyEntries, () =>
        {
            try
            {
                Load(spec => spec.Programs.ManyEntries);
            }
            catch (BpfFeatureNotSupportedException reason)
            {
                return reason;
            }

            throw new InvalidOperationException("it was loaded");
        });

        Assert.Contains("Linux 7.2", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("fentry.multi", refusal.Message, StringComparison.Ordinal);
    }

    private T Needed<T>(Func<T> attempt)
        => OrSkip(Absence.OfTracingMulti, attempt);

    private void Count(Func<Probes.Spec, BpfProgramSpec> choose, BpfAttachType type, int runs = 1) => Sandbox.WithTracing(() =>
    {
        Probes probes = Needed(() => Load(choose));
        probes.Attach();

        CallGetPgid();
        CallSetPgid();

        Assert.Equal((Calls + 1ul) * (ulong)runs, probes.Globals.Hits);
        BpfProgramLink link = Assert.Single(probes.Live.Links);
        var info = Assert.IsType<BpfTracingMultiLinkInfo>(BpfLinkInfo.FromId(link.Id!.Value));
        Assert.Equal(type, info.AttachType);
        Assert.Equal([GetPgidFunction, SetPgidFunction], info.Functions.Select(static function => function.Name).Order(StringComparer.Ordinal));
        link.Dispose();
        CallGetPgid();
        Assert.Equal((Calls + 1ul) * (ulong)runs, probes.Globals.Hits);
        probes.Dispose();
    });
}
