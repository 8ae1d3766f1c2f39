using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf;

/// <summary>Types of a module that carries the few types of a kernel it was built against: they come to stand on any kernel that has the like.</summary>
public sealed class BtfDistilledBaseTests
{
    // What the module was built against: sizes of what it contains, names alone of what it points to.
    private readonly BtfBuilder _distilled = new();
    private readonly BtfBuilder _module;
    private readonly int _holder;

    public BtfDistilledBaseTests()
    {
        int number = _distilled.Int("int", 4, BtfIntEncoding.Signed);
        int contained = _distilled.Struct("list_head", 16);
        int pointed = _distilled.Forward("task_struct");
        int kind = _distilled.Enum("pid_type", isSigned: false);
        int real = _distilled.Float("double", 8);
        _module = new BtfBuilder(_distilled);
        int pointer = _module.Pointer(pointed);
        _holder = _module.Struct("holder", 48, ("link", contained, 0), ("owner", pointer, 128), ("count", number, 192), ("kind", kind, 224), ("rate", real, 256));
        int variable = _module.Add(BtfKind.Variable, "own", 0, (uint)_holder, 1);
        _module.Add(BtfKind.DataSection, ".data", 1, 48, (uint)variable, 0, 48);
        // A name of the base's in a record of the module's.
        _module.Add(BtfKind.Typedef, "task_struct_t", 0, (uint)pointed);
    }

    [Fact]
    public void A_module_is_moved_to_another_kernel()
    {
        BtfTypes kernel = Kernel().Types();
        BtfTypes moved = Read(kernel);

        Assert.Equal((kernel.Count, kernel.Count + 5), (moved.FirstId, moved.Count));
        BtfType holder = moved[moved.Find("holder", BtfKind.Struct)];
        Assert.Equal(
            ["link list_head 0", "owner  128", "count int 192", "kind pid_type 224", "rate double 256"],
            Enumerable.Range(0, holder.Length).Select(holder.Member).Select(member => $"{moved.GetString(member.NameOffset)} {moved[member.TypeId].Name} {member.BitOffset}"));
        BtfType owner = moved[moved[holder.Member(1).TypeId].TypeId];
        Assert.Equal((kernel.Find("task_struct", BtfKind.Struct), 128u), (owner.Id, owner.Size));
        BtfType section = moved[moved.Find(".data", BtfKind.DataSection)];
        Assert.Equal(holder.Id, moved[section.SectionVariable(0).TypeId].TypeId);
        Assert.Equal(owner.Id, moved[moved.Find("task_struct_t", BtfKind.Typedef)].TypeId);
        Assert.Equal(48, moved.SizeOf(holder.Id));
    }

    [Fact]
    public void Without_a_kernel_a_module_uses_the_base_it_carries()
    {
        BtfTypes alone = Read(null);

        Assert.Equal((6, _holder), (alone.FirstId, alone.Find("holder", BtfKind.Struct)));
        Assert.Equal(BtfKind.Forward, alone[alone[alone[_holder].Member(1).TypeId].TypeId].Kind);
    }

    [Theory]
    [InlineData("list_head", "struct list_head, of which kernel has none")]
    [InlineData("task_struct", "forward task_struct, of which kernel has none")]
    [InlineData("", "struct list_head, of which kernel has more than one")]
    public void A_type_that_the_kernel_lacks_or_has_twice_is_named(string without, string says)
    {
        BtfBuilder kernel = Kernel(without);
        if (without.Length == 0)
        {
            kernel.Struct("list_head", 16);
        }

        BpfObjectFormatException refusal = Assert.Throws<BpfObjectFormatException>(() => Read(kernel.Types()));

        Assert.Contains(says, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(("module.ko", ".BTF.base"), (refusal.FileName, refusal.SectionName));
    }

    [Fact]
    public void Sizes_are_compared()
    {
        BtfBuilder kernel = Kernel("list_head");
        kernel.Struct("list_head", 24);

        Assert.Throws<BpfObjectFormatException>(() => Read(kernel.Types()));
    }

    [Fact]
    public void A_section_of_layouts_is_skipped()
    {
        // A header of 32 bytes: behind the strings' place and length stand those of the layouts, which lie between types and strings here.
        byte[] blob = Kernel().Build();
        int types = BitConverter.ToInt32(blob, 12), strings = BitConverter.ToInt32(blob, 20);
        byte[] longer = [.. blob[..24], .. new byte[8], .. blob[24..(24 + types)], .. new byte[16], .. blob[(24 + types)..]];
        BitConverter.TryWriteBytes(longer.AsSpan(4), 32);
        BitConverter.TryWriteBytes(longer.AsSpan(16), types + 16);
        BitConverter.TryWriteBytes(longer.AsSpan(24), types);
        BitConverter.TryWriteBytes(longer.AsSpan(28), 16);
        Assert.Equal(longer.Length, 32 + types + 16 + strings);

        BtfTypes read = BtfTypes.Read(longer, "longer");

        Assert.Equal((BtfTypes.Read(blob, "plain").Count, 128u), (read.Count, read[read.Find("task_struct", BtfKind.Struct)].Size));
    }

    // The same types in another order and with others between, as another kernel has them.
    private static BtfBuilder Kernel(string without = "")
    {
        var kernel = new BtfBuilder();
        kernel.Float("double", 8);
        kernel.Enum("pid_type", isSigned: false, ("PIDTYPE_PID", 0), ("PIDTYPE_SID", 3));
        kernel.Int("long", 8, BtfIntEncoding.Signed);
        int number = kernel.Int("int", 4, BtfIntEncoding.Signed);
        if (without != "task_struct")
        {
            kernel.Struct("task_struct", 128, ("pid", number, 0));
        }

        if (without != "list_head")
        {
            kernel.Struct("list_head", 16);
        }

        return kernel;
    }

    [Fact]
    public void On_disk_only_the_types_are_read()
    {
        var elf = new ElfBuilder();
        elf.Section(".debug_info", ElfBuilder.Contents, 0, new byte[1 << 20]);
        elf.Section(".BTF", ElfBuilder.Contents, 0, _module.Build());
        elf.Section(".BTF.base", ElfBuilder.Contents, 0, _distilled.Build());
        BtfTypes kernel = Kernel().Types();
        using var file = new CountedStream(elf.Build(ElfBuilder.Executable));

        BtfTypes alone = BtfFile.Read(file, "module.ko");
        BtfTypes moved = BtfFile.Read(file, "module.ko", kernel);

        Assert.Equal((6, _holder), (alone.FirstId, alone.Find("holder", BtfKind.Struct)));
        Assert.Equal((kernel.Count, kernel.Count + 5), (moved.FirstId, moved.Count));
        Assert.InRange(file.BytesRead, 1, 64 << 10);
    }

    [Fact]
    public void A_module_listed_with_kernels_extends_the_first()
    {
        BtfTypes kernel = Kernel().Types();

        BtfTypes merged = KernelTypeMerger.ReadAll(["vmlinux", "module.ko"], (path, first) => path == "vmlinux" ? kernel : Read(first));

        Assert.Equal(1, Enumerable.Range(1, merged.Count - 1).Count(id => merged[id].Name == "list_head"));
        Assert.Equal(48, merged.SizeOf(merged.Find("holder", BtfKind.Struct)));
        Assert.Equal(6, KernelTypeMerger.ReadAll(["module.ko"], (_, first) => Read(first)).FirstId);
    }

    private BtfTypes Read(BtfTypes? kernel) => BtfTypes.ReadFile(Module(), "module.ko", kernel);

    private byte[] Module()
    {
        var elf = new ElfBuilder();
        elf.Section(".BTF", ElfBuilder.Contents, 0, _module.Build());
        elf.Section(".BTF.base", ElfBuilder.Contents, 0, _distilled.Build());
        return elf.Build();
    }

    private sealed class CountedStream(byte[] contents) : MemoryStream(contents)
    {
        internal long BytesRead { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = base.Read(buffer, offset, count);
            BytesRead += read;
            return read;
        }
    }
}
