using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Objects.Tracepoints;

namespace Hypermesh.Bpf.Tests.Unit.Objects.ProgramLinking;

/// <summary>How the programs of a compiled object are put together.</summary>
public sealed class ProgramLinkerTests
{
    private readonly BpfObjectSpec _spec = BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

    [Fact]
    public void A_function_is_appended_to_the_program_and_the_call_reaches_it()
    {
        LinkedProgram linked = Link("second");

        Assert.Equal(2, linked.Functions.Length);
        int callee = (int)linked.Functions[1].Index;
        int call = Array.FindIndex(linked.Instructions, static instruction => instruction.IsCall && instruction.Source == BpfOpCode.PseudoCall);
        Assert.Equal(callee, call + 1 + linked.Instructions[call].Immediate);
        Assert.Equal(BpfOpCode.Exit, linked.Instructions[callee - 1].OpCode);
    }

    [Fact]
    public void Lines_move_with_the_functions()
    {
        LinkedProgram linked = Link("second");
        BtfTypes types = _spec.Btf!;
        int update = Array.FindLastIndex(linked.Instructions, static instruction => instruction.IsCall && instruction.Source == 0);

        Assert.Contains("bpf_map_update_elem", types.GetString(linked.LineOf(update)!.Value.TextOffset), StringComparison.Ordinal);
        Assert.Contains("note(7)", types.GetString(linked.LineOf(0)!.Value.TextOffset), StringComparison.Ordinal);
    }

    [Fact]
    public void References_have_their_maps_and_sections()
    {
        LinkedProgram linked = Link("second");

        Assert.Contains(linked.References, static reference => reference.Map?.Name == "events");
        Assert.Contains(linked.References, static reference => reference.Section?.Name == ".data");
        Assert.All(linked.References, reference => Assert.True(linked.Instructions[reference.Index].IsWideLoad));
    }

    [Fact]
    public void A_function_that_failed_to_relocate_fails_again_the_second_time()
    {
        var linker = new ProgramLinker(_spec, []);
        BpfProgramSpec program = _spec.Programs.First(program => Record.Exception(() => new ProgramLinker(_spec, []).Link(program)) is not null);

        BpfException first = Assert.Throws<BpfException>(() => linker.Link(program));
        Assert.Equal(first.Message, Assert.Throws<BpfException>(() => linker.Link(program)).Message);
    }

    [Fact]
    public void References_have_their_extern()
    {
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("externs.bpf.o"), "externs");
        LinkedProgram linked = new ProgramLinker(spec, []).Link(spec.Program("read"));

        Assert.Equal(
            ["function___flavour KernelFunction", "function___flavour KernelSymbol", "untyped KernelSymbol", "variable KernelSymbol"],
            linked.References.Where(static r => r.Extern is not null).Select(static r => $"{r.Extern!.Name} {r.Kind}").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(9, linked.References.Count(r => ReferenceEquals(r.Section, spec.KernelConfig)));
    }

    private LinkedProgram Link(string program)
        => new ProgramLinker(_spec, [TestData.Btf(_spec.Elf)]).Link(_spec.Program(program));
}
