using System.Globalization;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.Relocation;

/// <summary>
/// Each kind of relocation against the running kernel: what programs then read and return is what the kernel's own types say, and what this thread did.
/// </summary>
public sealed class CoreTests : KernelTest
{
    private const int SetScheduler = 144;
    private const int ResetOnFork = 0x40000000;

    private readonly KernelBtf _kernel;

    public CoreTests() => _kernel = Own(KernelBtf.Acquire());

    [Fact]
    [Row("externs", "CO-RE relocation kind: FIELD_BYTE_OFFSET")]
    public void A_fields_offset_is_relocated() => Assert.Equal(Field("task_struct", "comm").Bits / 8, Kinds().ByteOffset);

    [Fact]
    [Row("externs", "CO-RE relocation kind: FIELD_BYTE_SIZE")]
    public void A_fields_size_is_relocated() => Assert.Equal((ulong)_kernel.Types.SizeOf(Field("task_struct", "comm").Type), Kinds().ByteSize);

    [Fact]
    [Row("externs", "CO-RE relocation kind: FIELD_EXISTS")]
    public void Whether_a_field_exists_is_relocated() => Assert.Equal((1ul, 0ul), (Kinds().FieldExists, Kinds().FieldMissing));

    [Fact]
    [Row("externs", "CO-RE relocation kind: FIELD_SIGNED")]
    public void The_sign_of_a_field_is_relocated() => Assert.Equal((1ul, 0ul), (Kinds().IsSigned, Kinds().IsUnsigned));

    [Fact]
    [Row("externs", "CO-RE relocation kind: FIELD_LSHIFT_U64")]
    public void The_left_shift_of_a_bitfield_is_relocated()
    {
        // The bits above the field, within the whole unit it lies in.
        ulong place = Field("task_struct", "sched_reset_on_fork").Bits % 32;

        Assert.Equal(64 - (place + 1), Kinds().LeftShift);
    }

    [Fact]
    [Row("externs", "CO-RE relocation kind: FIELD_RSHIFT_U64")]
    public void The_right_shift_of_a_bitfield_is_relocated() => Assert.Equal(63ul, Kinds().RightShift);

    [Fact]
    [Row("externs", "CO-RE relocation kind: TYPE_ID_LOCAL")]
    public void A_types_ID_in_the_object_is_relocated()
        => Assert.Equal((ulong)Corekinds.Open().Object.Btf!.Find("task_struct", BtfKind.Struct), Kinds().TypeIdLocal);

    [Fact]
    [Row("externs", "CO-RE relocation kind: TYPE_ID_TARGET")]
    public void A_types_ID_in_the_kernel_is_relocated() => Assert.Equal((ulong)Struct("task_struct"), Kinds().TypeIdTarget);

    [Fact]
    [Row("externs", "CO-RE relocation kind: TYPE_EXISTS")]
    public void Whether_a_type_exists_is_relocated() => Assert.Equal((1ul, 0ul), (Kinds().TypeExists, Kinds().TypeMissing));

    [Fact]
    [Row("externs", "CO-RE relocation kind: TYPE_SIZE")]
    public void A_types_size_is_relocated() => Assert.Equal((ulong)_kernel.Types.SizeOf(Struct("task_struct")), Kinds().TypeSize);

    [Fact]
    [Row("externs", "CO-RE relocation kind: TYPE_MATCHES")]
    public void Whether_a_type_matches_is_relocated() => Assert.Equal((1ul, 0ul), (Kinds().TypeMatches, Kinds().TypeMismatches));

    [Fact]
    [Row("externs", "CO-RE relocation kind: ENUMVAL_EXISTS")]
    public void Whether_an_enums_constant_exists_is_relocated() => Assert.Equal((1ul, 0ul), (Kinds().EnumExists, Kinds().EnumMissing));

    [Fact]
    [Row("externs", "CO-RE relocation kind: ENUMVAL_VALUE")]
    public void An_enums_constant_is_relocated() => Assert.Equal(Constant("pid_type", BtfKind.Enum, "PIDTYPE_SID"), Kinds().EnumValue);

    [Fact]
    [Row("externs", "bpf_core_type_matches, ___ flavours, anonymous members")]
    public void Flavours_are_the_type_itself_and_anonymous_members_are_searched()
    {
        Corekinds.GlobalSet found = Kinds();

        Assert.Equal((1ul, Field("sock_common", "skc_rcv_saddr").Bits / 8), (found.TypeMatchesFlavour, found.AnonymousOffset));
        Assert.NotEqual(0ul, found.AnonymousOffset);
    }

    [Fact]
    [Row("externs", "CO-RE enum64")]
    public void A_constant_of_64_bits_is_relocated()
    {
        Assert.SkipWhen(!KernelTypes.Running.HasEnum64("perf_callchain_context"), "this kernel's types have no enum of 64 bits");

        Assert.Equal(unchecked((ulong)-128), Run(static spec => spec.Programs.WideEnum).Globals.EnumWide);
    }

    [Fact]
    [Row("externs", "CO-RE bitfield load patching by byte size")]
    public void A_bit_of_this_thread_is_read_and_loads_have_the_kernels_size() => WithBitSet(() =>
    {
        Corekinds.GlobalSet probed = Run(static spec => spec.Programs.ProbedBits).Globals;
        Assert.Equal((ulong)LibC.Syscall(186, 0, 0, 0, 0, 0), probed.Thread);
        Assert.Equal(1ul, probed.BitsProbed);

        Corekinds.GlobalSet read = OrSkip(Absence.OfHelper("bpf_get_current_task_btf"), () => Run(static spec => spec.Programs.ReadBits)).Globals;
        ulong flags = ulong.Parse(File.ReadAllText("/proc/thread-self/stat").Split(") ")[1].Split(' ')[6], CultureInfo.InvariantCulture);
        Assert.Equal((1ul, flags, flags), (read.BitsRead, read.Widened, read.Narrowed));
    });

    [Fact]
    [Row("externs", "CO-RE failure: poison with known imm 0xbad2310")]
    public void A_missing_field_is_named_where_it_is_reached_and_does_no_harm_elsewhere()
    {
        Assert.Equal(1ul, Run(static spec => spec.Programs.Unreached).Globals.Reached);

        Refusals.Spec spec = Refusals.Open();
        spec.Programs.Good.Enabled = false;
        spec.Programs.MissingField.Enabled = true;
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => spec.Load());

        Assert.Contains("#195896080", refusal.Log, StringComparison.Ordinal);
        Assert.Contains("no_such_field", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    [Row("externs", "CO-RE candidate cache over all loaded modules")]
    public void Types_of_several_modules_are_found_in_one_object()
    {
        Sandbox.Shell("modprobe -aq veth nf_conntrack 2> /dev/null || true");
        Assert.SkipUnless(KernelNames.HasModuleTypes("veth") && KernelNames.HasModuleFunction("nf_conntrack", "bpf_skb_ct_lookup"), "this kernel has not both veth and nf_conntrack as modules with types (5.11; bpf_ct_opts 5.18)");
        using var running = new RunningTypes(Kernel);
        (int one, ModuleBtf? veth) = running.Find("veth_priv", BtfKind.Struct);
        (int other, ModuleBtf? conntrack) = running.Find("bpf_ct_opts", BtfKind.Struct);
        Assert.NotNull(veth);
        Assert.NotNull(conntrack);

        Corekinds.GlobalSet found = Run(static spec => spec.Programs.InModules).Globals;

        Assert.Equal((ulong)veth.Types.SizeOf(one), found.FirstModule);
        Assert.Equal((ulong)conntrack.Types.SizeOf(other), found.SecondModule);
        Assert.Equal((found.FirstModule, 0ul), (found.FirstAgain, found.AbsentModule));
    }

    private Corekinds.GlobalSet Kinds() => Run(static spec => spec.Programs.Kinds).Globals;

    private Corekinds Run(Func<Corekinds.Spec, BpfProgramSpec> choose)
    {
        Corekinds.Spec spec = Corekinds.Open();
        choose(spec).Enabled = true;
        Corekinds live = Own(spec.Load());
        ulong argument = 0;
        BpfProgram program = live.Live.Programs.Single(static program => program.IsLoaded);
        Assert.Equal(0u, ((BpfRawTracepointProgram)program).TestRun(ref argument).ReturnValue);
        return live;
    }

    private int Struct(string name) => _kernel.Types.Find(name, BtfKind.Struct);

    private ulong Constant(string name, BtfKind kind, string constant)
    {
        BtfType type = _kernel.Types[_kernel.Types.Find(name, kind)];
        return Enumerable.Range(0, type.Length).Select(type.EnumValue).Single(value => _kernel.Types.GetString(value.NameOffset) == constant).Value;
    }

    private (ulong Bits, int Type) Field(string name, string field) => Find(Struct(name), field, 0)!.Value;

    private (ulong Bits, int Type)? Find(int id, string field, ulong start)
    {
        BtfType type = _kernel.Types[_kernel.Types.SkipModifiers(id)];
        for (int i = 0; type.IsComposite && i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string name = _kernel.Types.GetString(member.NameOffset);
            if (name == field)
            {
                return (start + member.BitOffset, member.TypeId);
            }

            if (name.Length == 0 && Find(member.TypeId, field, start + member.BitOffset) is { } inside)
            {
                return inside;
            }
        }

        return null;
    }

    // A thread of its own, which ends with the bit set.
    private static void WithBitSet(Action test)
    {
        System.Runtime.ExceptionServices.ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                SetBit();
                test();
            }
            catch (Exception reason)
            {
                failure = System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(reason);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    private static unsafe void SetBit()
    {
        int priority = 0;
        Assert.Equal(0, LibC.Syscall(SetScheduler, 0, ResetOnFork, (nint)(&priority), 0, 0));
    }
}
