using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Unit.Objects.StaticLinking;

/// <summary>Two objects made one: what each has, what one has of the other, and what does not go together.</summary>
public sealed class BpfLinkerTests
{
    private readonly BpfObjectSpec _linked = BpfObjectSpec.Read(Link("link-first.bpf.o", "link-second.bpf.o"), "linked");

    [Fact]
    public void The_result_has_the_programs_maps_and_globals_of_both()
    {
        Assert.Equal(["first", "second"], _linked.Programs.Select(static program => program.Name));
        Assert.Equal(["shared_map Array 4 16 4"], _linked.Maps.Select(static map => $"{map.Name} {map.Type} {map.KeySize} {map.ValueSize} {map.MaxEntries}"));
        Assert.Equal(["counter 8 static", "defined_in_second 16", "chosen 32", "counter 40 static"], Variables(".data"));
        Assert.Equal(["sum 0", "total 8"], Variables(".bss"));
        Assert.Equal(["first_only 0"], Variables(".rodata"));
        Assert.Equal(["LINUX_KERNEL_VERSION"], _linked.Externs.Select(static one => one.Name));
        Assert.Equal("Dual BSD/GPL", _linked.License);
        Assert.Null(_linked.Elf.FindSection(".debug_info"));
    }

    [Fact]
    public void Symbols_of_one_file_come_first_and_each_other_name_is_there_once()
    {
        int locals = _linked.Elf.Sections.Single(static section => section.Type == ElfSectionType.SymbolTable).Info;
        Assert.All(_linked.Elf.Symbols, symbol => Assert.Equal(symbol.Index < locals, symbol.Binding == ElfSymbolBinding.Local));
        Assert.Equal(_linked.Elf.Symbols.Count - locals, _linked.Elf.Symbols.Skip(locals).Select(static symbol => symbol.Name).Distinct().Count());
        Assert.Equal([ElfSymbolBinding.Global, ElfSymbolBinding.Global], new[] { "chosen", "weak_in_both" }.Select(name => Symbol(name).Binding));
        Assert.True(Symbol("add_in_second").IsHidden);
    }

    [Fact]
    public void Equal_types_are_kept_once()
    {
        BtfTypes types = _linked.Btf!;
        Assert.Equal(1, Enumerable.Range(1, types.Count - 1).Count(id => types[id].Kind == BtfKind.Struct && types[id].Name == "pair"));
        Assert.Equal(2, Enumerable.Range(1, types.Count - 1).Count(id => types[id].Kind == BtfKind.Variable && types[id].Name == "counter"));
        Assert.Equal(1, types[types.Find("weak_here", BtfKind.Function)].Linkage);
        Assert.Equal(types.Find("pair", BtfKind.Struct), types[types.Find("defined_in_second", BtfKind.Variable)].TypeId);
    }

    [Fact]
    public void Programs_call_the_functions_that_count_and_know_their_lines()
    {
        var linker = new ProgramLinker(_linked, []);
        LinkedProgram first = linker.Link(_linked.Program("first"));
        LinkedProgram second = linker.Link(_linked.Program("second"));

        Assert.Equal(["first", "add_in_second", "step", "step", "weak_in_both"], first.Functions.Select(function => _linked.Btf![(int)function.TypeId].Name).Order(StringComparer.Ordinal).OrderBy(static name => name != "first"));
        Assert.Equal(["second", "weak_here"], second.Functions.Select(function => _linked.Btf![(int)function.TypeId].Name));
        Assert.Contains(20000, first.Instructions.Select(static instruction => instruction.Immediate));
        Assert.DoesNotContain(1000, first.Instructions.Select(static instruction => instruction.Immediate));
        Assert.Equal(["link-first.bpf.c", "link-second.bpf.c"], first.Lines.Select(line => Path.GetFileName(_linked.Btf!.GetString(line.FileNameOffset))).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_order_of_the_objects_does_not_change_which_definition_counts()
    {
        BpfObjectSpec turned = BpfObjectSpec.Read(Link("link-second.bpf.o", "link-first.bpf.o"), "turned");

        Assert.Equal(["second", "first"], turned.Programs.Select(static program => program.Name));
        Assert.Contains(20000, new ProgramLinker(turned, []).Link(turned.Program("first")).Instructions.Select(static instruction => instruction.Immediate));
    }

    [Theory]
    [InlineData("small.bpf.o")]
    [InlineData("small-be.bpf.o")]
    [InlineData("core-target.bpf.o")]
    [InlineData("core.bpf.o")]
    [InlineData("externs.bpf.o")]
    [InlineData("wide.bpf.o")]
    [InlineData("jumps.bpf.o")]
    public void One_object_alone_stays_the_same(string name)
    {
        BpfObjectSpec before = BpfObjectSpec.Read(TestData.Bytes(name), name);
        BpfObjectSpec after = BpfObjectSpec.Read(Link(name), name);

        Assert.Equal(Describe(before), Describe(after));
        Assert.Equal(Link(name), BpfLinker.Link([(Link(name), name)], "again"));
    }

    [Fact]
    public void An_extern_that_no_object_defines_is_named_when_the_result_is_opened()
    {
        byte[] part = Link("link-first.bpf.o");

        Assert.Contains("_in_second", Assert.Throws<BpfObjectFormatException>(() => BpfObjectSpec.Read(part, "part")).Message);
        Assert.Equal(["first", "second"], BpfObjectSpec.Read(BpfLinker.Link([(part, "part"), (TestData.Bytes("link-second.bpf.o"), "second")], "whole"), "whole").Programs.Select(static program => program.Name));
    }

    [Fact]
    public void Two_definitions_of_one_name_are_rejected_with_both_files()
    {
        BpfException refused = Assert.Throws<BpfException>(() => BpfLinker.Link([(TestData.Bytes("link-first.bpf.o"), "one.o"), (TestData.Bytes("link-first.bpf.o"), "two.o")], "linked"));

        Assert.Equal("linked", refused.ObjectName);
        Assert.Contains($"'{refused.SubjectName}' is defined in both one.o and two.o", refused.Message);
    }

    [Theory]
    [InlineData("link-clash-type.bpf.o", "sum", "of 8 bytes is no")]
    [InlineData("link-clash-map.bpf.o", "shared_map", "max_entries 4 and 5")]
    [InlineData("link-clash-function.bpf.o", "weak_here", "1 and 2 parameters")]
    [InlineData("link-clash-section.bpf.o", "first_only", ".rodata")]
    [InlineData("link-clash-license.bpf.o", "license", "'GPL'")]
    public void Objects_that_do_not_go_together_are_rejected_with_both_files(string other, string subject, string says)
    {
        BpfException refused = Assert.Throws<BpfException>(() => Link("link-first.bpf.o", other));

        Assert.Equal(subject, refused.SubjectName);
        Assert.All(["link-first.bpf.o", other, says], part => Assert.Contains(part, refused.Message));
    }

    [Fact]
    public void Objects_of_different_byte_orders_and_an_empty_list_are_rejected()
    {
        Assert.Contains("byte orders", Assert.Throws<BpfException>(() => Link("small.bpf.o", "small-be.bpf.o")).Message);
        Assert.Contains("requires at least one object", Assert.Throws<BpfException>(() => Link()).Message);
    }

    private static byte[] Link(params string[] names) => BpfLinker.Link([.. names.Select(static name => ((ReadOnlyMemory<byte>)TestData.Bytes(name), name))], "linked");

    private static IEnumerable<string> Describe(BpfObjectSpec spec)
        => [
            .. spec.Programs.Select(static program => $"program {program.Name} {program.SectionName} {Convert.ToHexString(program.Code.Data.Span)}"),
            .. spec.Maps.Select(static map => $"map {map.Name} {map.Type} {map.KeySize} {map.ValueSize} {map.MaxEntries} {map.SectionOffset} {map.InitialValues.Count}"),
            .. spec.DataSections.SelectMany(static section => section.Variables.Select(variable => $"{section.Name} {variable}".Replace($"TypeId = {variable.TypeId}", "", StringComparison.Ordinal))),
            .. spec.Externs.Select(static one => $"extern {one.Name} {one.Kind} {one.IsWeak}"),
            .. spec.Elf.Sections.SelectMany(section => spec.BtfExtension!.RelocationsOf(section.Name)).Select(core => $"core {core.InstructionOffset} {core.Kind} {spec.Btf![core.TypeId].Name} {spec.Btf.GetString(core.AccessOffset)}").Order(StringComparer.Ordinal),
            .. spec.Elf.Sections.SelectMany(section => spec.BtfExtension!.LinesOf(section.Name)).Select(line => $"line {line.InstructionOffset} {line.Line} {spec.Btf!.GetString(line.TextOffset)}").Order(StringComparer.Ordinal),
        ];

    private IEnumerable<string> Variables(string section) => _linked.DataSection(section).Variables.Select(static one => $"{one.Name} {one.Offset}{(one.IsStatic ? " static" : "")}");

    private ElfSymbol Symbol(string name) => _linked.Elf.Symbols.Single(symbol => symbol.Name == name);
}
