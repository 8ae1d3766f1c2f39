using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>The relocations clang writes, against the instructions libbpf 1.7 makes of them (core.libbpf.txt).</summary>
public sealed class CoreCompiledTests
{
    private static readonly ElfObject s_object = TestData.Elf("core.bpf.o");
    private static readonly BtfTypes s_local = TestData.Btf(s_object);
    private static readonly BtfTypes s_kernel = TestData.Btf(TestData.Elf("core-target.bpf.o"));

    public static TheoryData<string, string> Functions()
    {
        var all = new TheoryData<string, string>();
        foreach (string line in File.ReadLines(TestData.Path("core.libbpf.txt")))
        {
            int space = line.IndexOf(' ');
            all.Add(line[..space], line[(space + 1)..]);
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void The_instructions_are_those_of_libbpf(string function, string expected)
    {
        ElfSymbol symbol = s_object.Symbols.Single(s => s.Name == function);
        ElfSection section = s_object.Sections[symbol.SectionIndex];
        BpfInstruction[] code = MemoryMarshal.Cast<byte, BpfInstruction>(section.Data.Span.Slice((int)symbol.Value, (int)symbol.Size)).ToArray();
        BtfExtension extension = BtfExtension.Read(s_object.FindSection(".BTF.ext")!.Data, "core", s_local);
        var relocator = new CoreRelocator(s_local, [s_kernel], "core");
        var touched = new SortedSet<int>();
        foreach (CoreRelocation relocation in extension.RelocationsOf(section.Name))
        {
            if (relocation.InstructionOffset >= symbol.Value && relocation.InstructionOffset < symbol.Value + symbol.Size)
            {
                int index = (int)(relocation.InstructionOffset - symbol.Value) / BpfInstruction.Size;
                touched.UnionWith(code[index].IsWideLoad ? [index, index + 1] : [index]);
                relocator.Apply(relocation, code, index, function);
            }
        }

        Assert.Equal(expected, string.Join(' ', touched.Select(i => $"{i}:{Convert.ToHexStringLower(MemoryMarshal.AsBytes(code.AsSpan(i, 1)))}")));
    }

    [Fact]
    public void A_relocation_is_printed_as_the_C_writes_it()
    {
        BtfExtension extension = BtfExtension.Read(s_object.FindSection(".BTF.ext")!.Data, "core", s_local);
        var relocator = new CoreRelocator(s_local, [s_kernel], "core");

        string[] texts = [.. extension.RelocationsOf("socket").Select(relocator.Describe)];

        Assert.Contains("<field_byte_offset> struct moved.in[1].a (0:6:1:1)", texts);
        Assert.Contains("<field_byte_offset> struct moved[1].pid (1:0)", texts);
        Assert.Contains("<field_exists> struct moved___old.missing (0:1)", texts);
        Assert.Contains("<type_exists> typedef callback (0)", texts);
        Assert.Contains("<enumval_value> enum e32::E32_B (1)", texts);
    }
}
