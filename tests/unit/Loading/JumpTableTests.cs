using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>Jump tables as a kernel is given them.</summary>
public sealed unsafe class JumpTableTests
{
    private const int Entries = 16;

    [Fact]
    public void Each_table_becomes_a_map_that_is_filled_frozen_and_closed()
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
    public void A_kernel_without_jump_tables_is_reported_with_the_version_that_has_them()
    {
        var kernel = new ScriptedKernel();
        kernel.OnBpf = static (command, attributes) => command == BpfCommand.MapCreate && ((MapCreateAttr*)attributes)->MapType == (uint)BpfMapType.InsnArray ? -Errno.EINVAL : null;
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("jumps.bpf.o"), "jumps");

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel }));

        Assert.Equal("jump", refusal.SubjectName);
        Assert.Contains("Linux 6.19 (or compile with -fno-jump-tables)", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.OpenDescriptors);
    }
}
