using System.Globalization;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Addresses, variables and functions of the running kernel.</summary>
public sealed class KernelSymbolTests : KernelTest
{
    [Fact]
    [Row("externs", "__ksym untyped (kallsyms address)")]
    [Row("sections", ".ksyms (extern section via BTF DATASEC)")]
    public void An_untyped_symbol_is_its_address()
    {
        Externs live = Own(Externs.Open().Load());
        live.Attach();
        Wait(() => live.Globals.Done);

        string line = File.ReadLines("/proc/kallsyms").First(static line => line.EndsWith(" schedule", StringComparison.Ordinal));
        Assert.Equal(ulong.Parse(line.AsSpan(0, 16), NumberStyles.HexNumber, CultureInfo.InvariantCulture), live.Globals.Address);
        Assert.Equal(0ul, live.Globals.Absent);
    }

    [Fact]
    [Row("externs", "__ksym typed var/percpu (BTF)")]
    public void A_typed_variable_is_read()
    {
        Assert.SkipUnless(
            File.ReadLines("/proc/kallsyms").Any(static line => line.EndsWith(" runqueues", StringComparison.Ordinal)), "this kernel lists no variables in /proc/kallsyms (CONFIG_KALLSYMS_ALL)");
        Assert.SkipUnless(KernelTypes.Running.HasVariable("bpf_prog_active"), "this kernel's types have no variable bpf_prog_active");

        Kvars live = Own(Kvars.Open().Load());
        live.Attach();
        Wait(() => live.Globals.Done);

        Assert.Equal(1ul, live.Globals.Cpu1);
        Assert.Equal(1ul, live.Globals.There);
        Assert.Equal(0ul, live.Globals.Missing);
    }

    [Fact]
    [Row("externs", "kfuncs (typed __ksym functions)")]
    [Row("externs", "bpf_ksym_exists, suffix ___flavour names")]
    [Row("externs", "weak kfunc/ksym: missing resolves to 0")]
    public void A_kernel_function_is_called_and_a_missing_one_is_not()
    {
        NeedsFunction("bpf_task_from_pid");
        Kfuncs.Spec spec = Kfuncs.Open();
        spec.Programs.Call.Enabled = true;
        Kfuncs live = Own(spec.Load());
        var run = new Request(Environment.ProcessId, 0);

        live.Programs.Call.Run(ref run);

        Assert.Equal(1u | 2, run.Found);
    }

    [Fact]
    public void A_call_of_a_function_of_another_prototype_shows_both()
    {
        NeedsFunction("bpf_task_from_pid");
        Kfuncs.Spec spec = Kfuncs.Open();
        spec.Programs.Contradicts.Enabled = true;

        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => spec.Load());

        Assert.Contains("'struct task_struct * bpf_task_from_pid___other(__s32, __s32)'", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    [Row("externs", "kfunc prototype compatibility")]
    public void A_strong_function_of_another_prototype_is_not_loaded()
    {
        NeedsFunction("bpf_task_from_pid");

        BpfException refusal = Assert.Throws<BpfException>(() => Strongsyms.Open().Load());

        Assert.Contains("differs from the declaration in the C: 'struct task_struct (without a body) * bpf_task_from_pid(__s32)'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strong_function_that_is_missing_is_named()
    {
        Assert.SkipWhen(KernelNames.HasFunction("bpf_task_from_pid"), "this kernel has bpf_task_from_pid");

        Assert.Contains("bpf_task_from_pid", Assert.Throws<BpfFeatureNotSupportedException>(() => Strongsyms.Open().Load()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variable_without_an_address_has_a_hint()
    {
        Assert.SkipWhen(
            File.ReadLines("/proc/kallsyms").Any(static line => line.EndsWith(" runqueues", StringComparison.Ordinal)), "this kernel lists its variables in /proc/kallsyms (CONFIG_KALLSYMS_ALL)");

        Assert.Contains("CONFIG_KALLSYMS_ALL", Assert.Throws<BpfVerifierException>(() => Kvars.Open().Load()).Message, StringComparison.Ordinal);
    }

    private static void Wait(Func<ulong> done)
        => Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(1); return done() != 0; }, TimeSpan.FromSeconds(60)), "the program did not run");

    private record struct Request(int Process, uint Found);
}
