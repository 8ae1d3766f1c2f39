using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Introspection;

public sealed class ObjectListTests : KernelTest
{
    [Fact]
    [Row("runtime", "iterate progs/maps/links/BTF by ID")]
    public void Programs_and_maps_are_found_among_all_of_the_machine()
    {
        BpfMapHandle map = Create(BpfMapType.Hash, 4, 8, 16);
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Counting(map).Bytes(), BpfProgramType.RawTracepoint, "listed_program_of_a_long_name"));
        BpfProgramInfo listed = Assert.Single(BpfProgramInfo.List(), info => info.Id == program.Id);
        Assert.Equal("listed_program_", listed.Name);
        Assert.Equal(BpfProgramType.RawTracepoint, listed.Type);
        Assert.Equal(1, listed.MapCount);
        Assert.True(listed.IsGplCompatible);
        Assert.Equal([map.Id], program.ReadMapIds());
        BpfMapInfo shape = Assert.Single(BpfMapInfo.List(), info => info.Id == map.Id);
        Assert.Equal((BpfMapType.Hash, 4, 8, 16u), (shape.Type, shape.KeySize, shape.ValueSize, shape.MaxEntries));
        Assert.Equal(shape, map.GetInfo());
    }

    [Fact]
    [Row("runtime", "iterate progs/maps/links/BTF by ID")]
    public void The_kernels_own_types_are_among_all_BTF()
    {
        using KernelBtf own = KernelBtf.Acquire();
        BtfType info = own.Types[own.Types.Find("bpf_btf_info", BtfKind.Struct)];
        bool tellsTheKernels = Enumerable.Range(0, info.Length).Any(i => own.Types.GetString(info.Member(i).NameOffset) == "kernel_btf");
        Assert.SkipUnless(tellsTheKernels, "this kernel gives its own types no number: its struct bpf_btf_info has no kernel_btf");
        BpfBtfInfo kernel = Assert.Single(BpfBtfInfo.List(), static info => info is { IsKernel: true, Name: "vmlinux" });
        BtfTypes types = BpfBtfInfo.ReadTypes(kernel.Id);
        Assert.Equal(own.Types.Count, types.Count);
        Assert.Equal(own.Types.Find("task_struct", BtfKind.Struct), types.Find("task_struct", BtfKind.Struct));
    }

    [Fact]
    [Row("runtime", "map/prog/link/btf by fd, by ID, pinned")]
    public void A_program_is_opened_by_ID_and_by_name()
    {
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(7).Bytes(), BpfProgramType.SocketFilter, "opened_by_name"));
        BpfOpenedProgram byId = Own(BpfOpenedProgram.OpenId(program.Id));
        BpfOpenedProgram byName = Own(BpfOpenedProgram.OpenName("opened_by_name"));
        Assert.Equal(program.Id, byId.Id);
        Assert.Equal(program.Id, byName.Id);
        Assert.Equal(BpfProgramType.SocketFilter, byName.Type);
        Own(BpfInstructionProgram.Load(SmallPrograms.Returning(8).Bytes(), BpfProgramType.SocketFilter, "opened_by_name"));
        BpfException two = Assert.Throws<BpfException>(() => BpfOpenedProgram.OpenName("opened_by_name"));
        Assert.Contains($"{program.Id}, ", two.Message, StringComparison.Ordinal);
        Assert.Contains("no program with the name", Assert.Throws<BpfException>(() => BpfOpenedProgram.OpenName("nobody_has_this")).Message, StringComparison.Ordinal);
        Assert.Equal(2, Assert.Throws<BpfSyscallException>(() => BpfOpenedProgram.OpenId(int.MaxValue)).Errno);
    }

    [Fact]
    [Row("runtime", "map/prog/link/btf by fd, by ID, pinned")]
    public void A_map_is_opened_by_ID_and_read_through_a_view()
    {
        BpfMapHandle map = Create(BpfMapType.Hash, 4, 8, 16);
        new BpfHashMap<uint, ulong>(map)[3] = 42;
        using BpfMapHandle opened = BpfMapHandle.OpenId(map.Id);
        Assert.Equal(42ul, new BpfHashMap<uint, ulong>(opened)[3]);
        Assert.Throws<BpfSyscallException>(() => BpfMapHandle.OpenId(int.MaxValue));
    }

    [Fact]
    [Row("runtime", "xlated / jited instructions")]
    [Row("runtime", "disassembler")]
    public void Translated_instructions_are_read_and_disassembled()
    {
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(7).Bytes(), BpfProgramType.SocketFilter, "translated"));
        BpfInstruction[] code = program.ReadTranslated();
        Assert.Equal(program.GetInfo().TranslatedSize, (uint)(code.Length * BpfInstruction.Size));
        string[] words = [.. new BpfDisassembler().Disassemble(code).Select(static instruction => instruction.Text)];
        Assert.Contains(words, static text => text.EndsWith("r0 = 7", StringComparison.Ordinal));
        Assert.Equal("exit", words[^1]);
        Assert.Empty(program.ReadLines());
        Assert.Empty(program.ReadFunctions());
    }

    [Fact]
    [Row("lifecycle", "streams (bpf_stream_printk, PROG_STREAM_READ_BY_FD)")]
    public void A_program_that_wrote_nothing_has_an_empty_stream()
    {
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(7).Bytes(), BpfProgramType.SocketFilter, "silent"));
        try
        {
            Assert.Equal("", program.ReadOutput(BpfProgramOutput.Output));
            Assert.Equal("", program.ReadOutput(BpfProgramOutput.Error));
        }
        catch (BpfFeatureNotSupportedException reason) when (!KernelNames.HasConstant("bpf_cmd", "BPF_PROG_STREAM_READ_BY_FD"))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(reason.Message);
            Assert.Skip("this kernel has no streams of programs");
        }
    }
}
