namespace Hypermesh.Bpf.Tests.Kernel.Hooks.KProbes;

/// <summary>Probes of kernel functions, one by one: each call of the function is one run of the program.</summary>
public sealed class KProbeTests : TracingTest
{
    [Fact]
    [Row("sections", "kprobe")]
    [Row("links", "kprobe/kretprobe by perf PMU")]
    [Row("links", "kprobe as perf_event bpf_link (BPF_LINK_TYPE_PERF_EVENT, 5.15) else ioctl SET_BPF")]
    public void An_entry_is_counted()
    {
        NeedsKProbes();
        Probes probes = Load(spec => spec.Programs.Entry);

        probes.Attach();
        CallGetPgid();

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
        BpfProgramLink link = Assert.Single(probes.Live.Links);
        Assert.Equal(KernelFacts.Has(BpfFeature.PerfEventLink), link.Id is not null);
        link.Dispose();
        CallGetPgid();
        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }

    [Fact]
    [Row("sections", "kretprobe")]
    public void A_return_is_counted()
    {
        NeedsKProbes();
        Probes probes = Load(spec => spec.Programs.ExitOf);

        probes.Attach();
        CallGetPgid();

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }

    [Theory]
    [InlineData(ProbeMethod.PerfEvent)]
    [InlineData(ProbeMethod.TraceFs)]
    [Row("links", "kprobe through tracefs (kprobe_events) fallback")]
    public void Each_way_the_kernel_has_works(ProbeMethod method)
    {
        NeedsKProbes();
        Sandbox.WithTracing(() =>
        {
            Probes probes = Load(spec => spec.Programs.BareEntry);
            probes.Attach();
            Assert.Empty(probes.Live.Links);

            probes.Programs.BareEntry.Attach("__x64_sys_getpgid", new KProbeOptions { Method = method });
            CallGetPgid();

            Assert.Equal((ulong)Calls, probes.Globals.Hits);
            probes.Dispose();
            Assert.DoesNotContain("hypermesh", File.ReadAllText("/sys/kernel/tracing/kprobe_events"), StringComparison.Ordinal);
        });
    }

    [Fact]
    [Row("links", "kprobe offset / cookie / maxactive")]
    public void MaxActive_is_passed_to_the_kernel()
    {
        NeedsKProbes();
        Sandbox.WithTracing(() =>
        {
            Probes probes = Load(spec => spec.Programs.ExitOf);

            probes.Programs.ExitOf.Attach("__x64_sys_getpgid", new KProbeOptions { MaxActive = 100 });
            Assert.Contains("r100:hypermesh_", File.ReadAllText("/sys/kernel/tracing/kprobe_events"), StringComparison.Ordinal);
            CallGetPgid();

            Assert.Equal((ulong)Calls, probes.Globals.Hits);
            probes.Dispose();
        });
    }

    [Fact]
    [Row("links", "kprobe offset / cookie / maxactive")]
    public void A_cookie_tells_attachments_apart()
    {
        NeedsKProbes();
        Needs(BpfFeature.AttachCookie);
        Probes probes = Load(spec => spec.Programs.CookieEntry);

        BpfKProbeProgram program = probes.Programs.CookieEntry;
        program.Attach("__x64_sys_getpgid", new KProbeOptions { Cookie = 0x100 });
        program.Attach("__x64_sys_getppid", new KProbeOptions { Cookie = 1 });
        CallGetPgid();
        LibC.Syscall(GetPpid, 0, 0, 0, 0, 0);

        Assert.Equal(Calls + 1ul, probes.Globals.Hits);
        Assert.Equal((Calls * 0x100ul) + 1, probes.Globals.Cookies);
    }

    [Fact]
    [Row("links", "kprobe offset / cookie / maxactive")]
    public void An_instruction_inside_a_function_is_reached()
    {
        NeedsKProbes();
        Probes probes = Load(spec => spec.Programs.BareEntry);

        // The first instruction boundaries differ by kernel: the first one that is taken is as good as any.
        BpfProgramLink? link = null;
        for (int offset = 1; link is null && offset < 16; offset++)
        {
            try
            {
                link = probes.Programs.BareEntry.Attach($"__x64_sys_getpgid+0x{offset:x}");
            }
            catch (BpfSyscallException)
            {
                // Not where an instruction begins.
            }
        }

        Assert.NotNull(link);
        Assert.Contains("+0x", link.Target, StringComparison.Ordinal);
        CallGetPgid();
        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }

    [Fact]
    public void A_missing_function_is_reported_with_similar_names()
    {
        NeedsKProbes();
        Probes probes = Load(spec => spec.Programs.NoSuchFunction);

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(probes.Attach);

        Assert.Contains("no_such_function", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("__x64_sys_getpgidd", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("__x64_sys_getpgid", refusal.Needs, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_kprobes_is_reported()
    {
        Assert.SkipWhen(HasKProbes, "this kernel has kprobes");
        Probes probes = Load(spec => spec.Programs.Entry);

        Sandbox.WithTracing(() =>
        {
            BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(probes.Attach);
            Assert.Contains("CONFIG_KPROBE_EVENTS", refusal.Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    [Row("sections", "kprobe.multi")]
    [Row("links", "kprobe.multi (pattern, syms, addrs, cookies, retprobe, unique_match)")]
    public void Many_entries_are_attached_to_by_a_pattern() => CountMany("entry");

    [Fact]
    [Row("sections", "kretprobe.multi")]
    [Row("links", "kprobe.multi (pattern, syms, addrs, cookies, retprobe, unique_match)")]
    public void Many_returns_are_attached_to_by_a_pattern() => CountMany("return");

    [Fact]
    [Row("sections", "kprobe.session")]
    [Row("links", "kprobe.session")]
    public void Many_sessions_are_attached_to_by_a_pattern() => CountMany("session");

    [Fact]
    [Row("links", "kprobe.multi (pattern, syms, addrs, cookies, retprobe, unique_match)")]
    public void Many_functions_are_attached_to_by_name_and_address_with_a_cookie_each()
    {
        Needs(BpfFeature.KProbeMultiLink);
        Probes probes = Load(spec => spec.Programs.MultiCookie);
        BpfKProbeMultiProgram program = probes.Programs.MultiCookie;

        BpfProgramLink names = program.Attach(["__x64_sys_getpgid", "__x64_sys_getppid"], new KProbeMultiOptions { Cookies = [0x10, 0x1000] });
        CallGetPgid();
        LibC.Syscall(GetPpid, 0, 0, 0, 0, 0);
        Assert.Equal((Calls + 1ul, (Calls * 0x10ul) + 0x1000), (probes.Globals.Hits, probes.Globals.Cookies));
        names.Dispose();

        ulong address = File.ReadLines("/proc/kallsyms").Where(line => line.EndsWith(" __x64_sys_getpgid", StringComparison.Ordinal))
            .Select(line => Convert.ToUInt64(line.Split(' ')[0], 16)).Single();
        program.Attach([address], new KProbeMultiOptions { Cookies = [0x100000] });
        CallGetPgid();
        Assert.Equal((Calls * 0x10ul) + 0x1000 + (Calls * 0x100000ul), probes.Globals.Cookies);

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach(["__x64_sys_getpgid", "no_such_function_at_all"]));
        Assert.Contains("no_such_function_at_all", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("sections", "ksyscall")]
    [Row("links", "ksyscall / kretsyscall (arch prefix by LINUX_HAS_SYSCALL_WRAPPER)")]
    public void A_system_call_is_attached_to_by_its_name() => CountSystemCall(isReturn: false);

    [Fact]
    [Row("sections", "kretsyscall")]
    [Row("links", "ksyscall / kretsyscall (arch prefix by LINUX_HAS_SYSCALL_WRAPPER)")]
    public void The_return_of_a_system_call_is_attached_to_by_its_name() => CountSystemCall(isReturn: true);

    private void CountMany(string kind)
    {
        Needs(BpfFeature.KProbeMultiLink);
        Sandbox.WithTracing(() =>
        {
            Func<Probes> attach = () =>
            {
                Probes loaded = Load(spec => kind switch
                {
                    "entry" => spec.Programs.Multi,
                    "return" => spec.Programs.MultiExit,
                    _ => spec.Programs.Session,
                });
                loaded.Attach();
                return loaded;
            };
            Probes probes = kind == "session" ? OrSkip(Absence.OfAttachType(BpfAttachType.TraceKProbeSession), attach) : attach();

            CallGetPgid();
            CallSetPgid();

            Assert.Equal((Calls + 1ul) * (kind == "session" ? 2ul : 1), probes.Globals.Hits);
            Assert.NotNull(Assert.Single(probes.Live.Links).Id);
            probes.Dispose();
        });
    }

    private void CountSystemCall(bool isReturn)
    {
        NeedsKProbes();
        Probes probes = Load(spec => isReturn ? spec.Programs.CallExit : spec.Programs.CallEntry);

        probes.Attach();
        CallGetPgid();

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
        Assert.Contains("__x64_sys_getpgid", Assert.Single(probes.Live.Links).Target, StringComparison.Ordinal);
    }
}
