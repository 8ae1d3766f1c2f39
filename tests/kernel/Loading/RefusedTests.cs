using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>What the kernel refuses is said with the program, the C line and the reason, and leaves nothing behind.</summary>
public sealed class RefusedTests : KernelTest
{
    [Fact]
    public void A_program_that_reads_past_the_record_of_its_tracepoint_is_reported_with_both_sizes() => Sandbox.WithTracing(() =>
    {
        Refusals live = Own(Only(spec => spec.Programs.OfAnotherTracepoint).Load());

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => live.Programs.OfAnotherTracepoint.Attach());

        Assert.Contains("reads up to byte 520 of its context, and the record of sched_process_exit has ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("policy", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.EACCES, refusal.Errno);
    });

    [Fact]
    public void A_program_of_another_type_is_rejected_with_the_type_of_the_array()
    {
        Refusals.Spec spec = Only(spec => spec.Programs.Jump);
        spec.Programs.OfAnotherType.Enabled = true;
        Refusals live = Own(spec.Load());

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => live.Maps.Jumps.Set(0, live.Programs.OfAnotherType));

        Assert.Contains("of_another_type is of type SchedCls (SEC(\"tc\")), but the array is for programs of type Xdp", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verifier_refusal_names_the_line()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only(spec => spec.Programs.Unchecked).Load());

        Assert.Equal(26, refusal.SourceLine);
        Assert.EndsWith("refusals.bpf.c", refusal.SourceFile, StringComparison.Ordinal);
        Assert.Contains("map_value_or_null", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("processed", refusal.Log, StringComparison.Ordinal);
        Assert.Contains("unchecked", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("refusals.bpf.c:26 (\"return *value;", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("This pointer can be NULL", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("unchecked", refusal.SubjectName);
        Assert.Equal("refusals", refusal.ObjectName);
    }

    [Fact]
    [Row("lifecycle", "log rewritten for missing CO-RE relo / missing map / missing kfunc")]
    public void A_field_the_kernel_lacks_is_named()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only(spec => spec.Programs.MissingField).Load());

        Assert.Equal(34, refusal.SourceLine);
        Assert.Contains("struct task_struct.no_such_field", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    [Row("externs", "weak kfunc: call poisoned with a message")]
    [Row("lifecycle", "log rewritten for missing CO-RE relo / missing map / missing kfunc")]
    public void A_function_the_kernel_lacks_is_named()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only(spec => spec.Programs.MissingFunction).Load());

        Assert.Equal(60, refusal.SourceLine);
        Assert.Contains("kernel function 'bpf_no_such_function'", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_target_the_kernel_lacks_is_named()
    {
        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => Only(spec => spec.Programs.MissingTarget).Load());

        Assert.Contains("tracepoint no_such_tracepoint", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("missing_target", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("lifecycle", "log rewritten for missing CO-RE relo / missing map / missing kfunc")]
    public void A_disabled_map_is_named_when_a_program_uses_it()
    {
        Refusals.Spec spec = Only(spec => spec.Programs.Unchecked);
        spec.Maps.Counts.Enabled = false;

        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => spec.Load());

        Assert.Contains("map counts", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void An_optional_program_is_left_out_with_the_reason()
    {
        Refusals.Spec spec = Refusals.Open();
        spec.Programs.Unchecked.Enabled = true;
        spec.Programs.Unchecked.Optional = true;

        Refusals live = Own(spec.Load());

        KeyValuePair<string, BpfException> refused = Assert.Single(live.Refused);
        Assert.Equal("unchecked", refused.Key);
        Assert.IsType<BpfVerifierException>(refused.Value);
        Assert.True(live.Programs.Good.IsLoaded);
        BpfException reason = Assert.Throws<BpfException>(() => live.Programs.Unchecked.Attach());
        Assert.Contains("optional", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_is_all_or_nothing()
    {
        Refusals.Spec spec = Refusals.Open();
        spec.Programs.MissingAtAttach.Enabled = true;
        Refusals live = Own(spec.Load());

        BpfException reason = Assert.ThrowsAny<BpfException>(live.Attach);

        Assert.Contains("missing_at_attach", reason.Message, StringComparison.Ordinal);
        Assert.Empty(live.Live.Links);
    }

    [Fact]
    [Row("externs", "custom BTF path")]
    public void Custom_types_are_for_fields_and_those_of_the_running_kernel_for_targets()
    {
        Refusals.Spec spec = Only(spec => spec.Programs.MissingField);

        // By the object's own types the field is there, and the tracepoint is still the running kernel's.
        Refusals live = Own(spec.Load(new BpfLoadOptions { KernelTypes = spec.Object.Btf }));

        Assert.True(live.Programs.MissingField.IsLoaded);
    }

    [Fact]
    public void A_function_as_a_tracepoint_and_a_tracepoint_as_a_function_are_reported_with_the_section_to_write()
    {
        string function = Assert.Throws<BpfFeatureNotSupportedException>(() => Only(spec => spec.Programs.FunctionAsTracepoint).Load()).Message;
        string tracepoint = Assert.Throws<BpfFeatureNotSupportedException>(() => Only(spec => spec.Programs.TracepointAsFunction).Load()).Message;

        Assert.Contains("vfs_unlink is a function: write SEC(\"fentry/vfs_unlink\")", function, StringComparison.Ordinal);
        Assert.Contains("sched_switch is a tracepoint: write SEC(\"tp_btf/sched_switch\")", tracepoint, StringComparison.Ordinal);
    }

    private static Refusals.Spec Only(Func<Refusals.Spec, BpfProgramSpec> choose)
    {
        Refusals.Spec spec = Refusals.Open();
        foreach (BpfProgramSpec program in spec.Object.Programs)
        {
            program.Enabled = false;
        }

        choose(spec).Enabled = true;
        return spec;
    }
}
