using System.Buffers.Binary;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>Tables a compiler makes of a large switch: where they lead, in one object and in several that were linked.</summary>
public sealed class JumpTableReaderTests
{
    private const int Entries = 16, Hole = 12;
    private const byte Multiply = 0x27, Add = 0x07, JumpByRegister = 0x0d, Jump = 0x05;

    [Theory]
    [InlineData("jumps.bpf.o")]
    [InlineData("jumps.bpf.o", "jumps-other.bpf.o")]
    [InlineData("jumps-other.bpf.o", "jumps.bpf.o")]
    [InlineData("jumps-other.bpf.o", "small.bpf.o", "jumps.bpf.o")]
    public void Each_entry_leads_to_its_case(params string[] names)
    {
        byte[] image = names.Length == 1 ? TestData.Bytes(names[0])
            : BpfLinker.Link([.. names.Select(static name => ((ReadOnlyMemory<byte>)TestData.Bytes(name), name))], "linked");
        BpfObjectSpec spec = BpfObjectSpec.Read(image, "jumps");
        foreach (BpfProgramSpec program in spec.Programs.Where(static program => program.Name is "jump" or "leap"))
        {
            int step = program.Name == "jump" ? 3 : 70;
            LinkedProgram linked = new ProgramLinker(spec, []).Link(program);
            InstructionReference[] tables = [.. linked.References.Where(static reference => reference.Kind == ReferenceKind.JumpTable)];

            Assert.Equal(2, linked.Instructions.Count(static instruction => instruction.OpCode == JumpByRegister));
            Assert.Equal([Multiply, Add], tables.Select(table => Operation(linked, table, step)));
            Assert.Equal(2, tables.Select(static table => table.JumpTable!.Place).Distinct().Count());
        }
    }

    [Theory]
    [InlineData("walk", 3)]
    [InlineData("stroll", 70)]
    public void A_table_of_labels_leads_to_each_label(string name, int step)
    {
        byte[] image = BpfLinker.Link([(TestData.Bytes("jumps.bpf.o"), "one"), (TestData.Bytes("jumps-other.bpf.o"), "other")], "linked");
        BpfObjectSpec spec = BpfObjectSpec.Read(image, "linked");

        LinkedProgram linked = new ProgramLinker(spec, []).Link(spec.Program(name));

        LinkedJumpTable table = Assert.Single(linked.References).JumpTable!;
        BpfInstruction[] labels = [.. table.Targets.Select(target => linked.Instructions[target])];
        Assert.Equal([Add, Multiply], labels[..2].Select(static label => label.OpCode));
        Assert.Equal([step, step], labels[..2].Select(static label => label.Immediate));

        // The compiler goes on to where all come together.
        Assert.Equal(Jump, labels[2].OpCode);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(5, 1ul << 40)]
    [InlineData(15, 352)]
    [InlineData(7, 56)]
    public void An_entry_that_leads_nowhere_is_a_damaged_file(int entry, ulong place)
    {
        byte[] image = TestData.Bytes("jumps.bpf.o");
        ElfSection section = ElfObject.Read(image, "jumps").FindSection(".jumptables")!;
        BinaryPrimitives.WriteUInt64LittleEndian(image.AsSpan((int)section.Offset + (entry * 8)), place);
        BpfObjectSpec spec = BpfObjectSpec.Read(image, "jumps");

        BpfObjectFormatException damage = Assert.Throws<BpfObjectFormatException>(() => new ProgramLinker(spec, []).Link(spec.Program("jump")));

        Assert.Contains($"entry {entry} of table 'BPF.JT.0.0'", damage.Message, StringComparison.Ordinal);
        Assert.Equal(".jumptables", damage.SectionName);
    }

    // The instruction all entries lead to, but for the one the C leaves out.
    private static byte Operation(LinkedProgram linked, InstructionReference reference, int step)
    {
        Assert.Equal(Entries, reference.JumpTable!.Targets.Count);
        BpfInstruction[] cases = [.. reference.JumpTable.Targets.Select(target => linked.Instructions[target])];
        byte operation = cases[0].OpCode;
        for (int i = 0; i < Entries; i++)
        {
            Assert.Equal(i != Hole, (cases[i].OpCode, cases[i].Immediate) == (operation, i + step));
        }

        return operation;
    }
}
