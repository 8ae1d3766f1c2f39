using System.Buffers.Binary;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>Tables a compiler makes of a large switch: where they lead, in one object and in several that were linked, and how a kernel is given them.</summary>
public sealed unsafe class JumpTableTests
{
    private const int Entries = 16, Hole = 12;
    private const byte Multiply = 0x27, Add = 0x07, JumpByRegister = 0x0d, Jump = 0x05;

    [Theory]
    [InlineData("jumps.bpf.o")]
    [InlineData("jumps.bpf.o", "jumps-other.bpf.o")]
    [InlineData("jumps-other.bpf.o", "jumps.bpf.o")]
    [InlineData("jumps-other.bpf.o", "small.bpf.o", "jumps.bpf.o")]
    public void EachEntryLeadsToItsCase(params string[] names)
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
    public void ATableOfLabelsLeadsToEach(string name, int step)
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

    [Fact]
    public void EachTableIsAMapThatIsFilledFrozenAndGivenBack()
    {
        var kernel = new ScriptedKernel();
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("jumps.bpf.o"), "jumps");
        spec.Program("walk").Enabled = false;
        LinkedProgram linked = new ProgramLinker(spec, []).Link(spec.Program("jump"));
        var filled = new Dictionary<uint, List<(uint Index, ulong Original, ulong Others)>>();
        var frozen = new List<uint>();
        BpfInstruction[] loaded = [];
        kernel.OnBpf = (command, attributes) =>
        {
            switch (command)
            {
                case BpfCommand.MapCreate when ((MapCreateAttr*)attributes)->MapType == (uint)BpfMapType.InsnArray:
                    Assert.Equal((4u, 16u, (uint)Entries, 0u), (((MapCreateAttr*)attributes)->KeySize, ((MapCreateAttr*)attributes)->ValueSize, ((MapCreateAttr*)attributes)->MaxEntries, ((MapCreateAttr*)attributes)->MapFlags));
                    break;
                case BpfCommand.MapUpdateElement:
                    var element = (MapElementAttr*)attributes;
                    Assert.DoesNotContain(element->MapFd, frozen);
                    filled.TryAdd(element->MapFd, []);
                    filled[element->MapFd].Add((*(uint*)element->Key, *(ulong*)element->Value, *((ulong*)element->Value + 1)));
                    break;
                case BpfCommand.MapFreeze:
                    frozen.Add(((MapElementAttr*)attributes)->MapFd);
                    break;
                case BpfCommand.ProgramLoad when ((ProgramLoadAttr*)attributes)->ProgType == (uint)BpfProgramType.Syscall:
                    loaded = new ReadOnlySpan<BpfInstruction>((void*)((ProgramLoadAttr*)attributes)->Insns, (int)((ProgramLoadAttr*)attributes)->InsnCnt).ToArray();
                    break;
            }

            return null;
        };

        using (BpfObject live = BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel }))
        {
            InstructionReference[] tables = [.. linked.References.Where(static reference => reference.Kind == ReferenceKind.JumpTable)];
            Assert.Equal(tables.Select(table => (BpfOpCode.PseudoMapValue, (int)frozen[Array.IndexOf(tables, table)], 0)),
                tables.Select(table => (loaded[table.Index].Source, loaded[table.Index].Immediate, loaded[table.Index + 1].Immediate)));
            Assert.Equal(tables.Select(static table => table.JumpTable!.Targets), frozen.Select(map => filled[map].Select(static entry => (int)entry.Original)));
            Assert.All(filled.Values, static entries => Assert.Equal(Enumerable.Range(0, Entries).Select(static i => (uint)i), entries.Select(static entry => entry.Index)));
            Assert.All(filled.Values.SelectMany(static entries => entries), static entry => Assert.Equal(0ul, entry.Others));

            // The program keeps its tables; here only it is open, and the types.
            Assert.DoesNotContain(kernel.OpenDescriptors, descriptor => frozen.Contains((uint)descriptor));
        }

        Assert.Empty(kernel.OpenDescriptors);
    }

    [Fact]
    public void AKernelWithoutThemIsToldFromOneThatRefuses()
    {
        var kernel = new ScriptedKernel();
        kernel.OnBpf = static (command, attributes) => command == BpfCommand.MapCreate && ((MapCreateAttr*)attributes)->MapType == (uint)BpfMapType.InsnArray ? -Errno.EINVAL : null;
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("jumps.bpf.o"), "jumps");

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel }));

        Assert.Equal("jump", refusal.SubjectName);
        Assert.Contains("Linux 6.19 (or compile with -fno-jump-tables)", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(5, 1ul << 40)]
    [InlineData(15, 352)]
    [InlineData(7, 56)]
    public void AnEntryThatLeadsNowhereIsADamagedFile(int entry, ulong place)
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
