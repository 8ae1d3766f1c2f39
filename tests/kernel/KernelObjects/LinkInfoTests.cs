using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.KernelObjects;

/// <summary>What the kernel says about links of each kind is what they were made with.</summary>
public sealed class LinkInfoTests : KernelTest
{
    private readonly BpfMapHandle _map;

    public LinkInfoTests() => _map = Create(BpfMapType.Array, 4, 8, 1);

    [Fact]
    [Row("links", "link iteration and link info by kind")]
    [Row("links", "link info: raw_tracepoint")]
    public void A_raw_tracepoint_has_its_name()
    {
        var program = new BpfRawTracepointProgram(Load.Descriptor("raw", BpfProgramType.RawTracepoint, Code.CountInto(_map), target: "sched_switch"));
        Own(new Unload(program));
        uint id = program.Attach().Id!.Value;

        var info = Assert.IsType<BpfRawTracepointLinkInfo>(BpfLinkInfo.FromId(id));

        Assert.Equal((id, BpfLinkType.RawTracepoint, program.Id, "sched_switch"), (info.Id, info.Type, info.ProgramId, info.Name));
        Assert.Equal(info, Assert.Single(BpfLinkInfo.List(), link => link.Id == id));
        program.Unload();
        Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => BpfLinkInfo.FromId(id)).Errno);
    }

    /// <summary>Its kind has no update, so the advice is another one; and a map is told as a map.</summary>
    [Fact]
    public void A_path_that_is_taken_is_reported_with_what_is_pinned_there() => Sandbox.WithBpfFileSystem(root =>
    {
        string path = Path.Combine(root, "taken");
        var program = new BpfRawTracepointProgram(Load.Descriptor("raw", BpfProgramType.RawTracepoint, Code.CountInto(_map), target: "sched_switch"));
        Own(new Unload(program));
        BpfProgramLink link = program.Attach();
        link.Pin(path);

        string told = Assert.Throws<BpfSyscallException>(() => _map.Pin(path)).Message;

        Assert.Contains($"Link {link.Id} (RawTracepoint, sched_switch) of program {program.Id} is pinned there and attached. The program of a link of this type cannot be replaced", told, StringComparison.Ordinal);
        Assert.Contains($"and call Unpin(\"{path}\"), or remove it first (rm {path})", told, StringComparison.Ordinal);
        link.Unpin(path);
        _map.Pin(path);
        Assert.Contains(
            $"(ID {_map.Id}) is pinned there: to use it, open it with BpfMapHandle.OpenPinned(\"{path}\") and pass it to the load in BpfLoadOptions.ReplacedMaps",
            Assert.Throws<BpfSyscallException>(() => link.Pin(path)).Message, StringComparison.Ordinal);
        _map.Unpin(path);
        Directory.CreateDirectory(path);
        Assert.Contains("The path is taken by an object that cannot be opened", Assert.Throws<BpfSyscallException>(() => link.Pin(path)).Message, StringComparison.Ordinal);
        Directory.Delete(path);
    });

    [Fact]
    [Row("links", "link iteration and link info by kind")]
    public void A_typed_tracepoint_is_a_raw_one_to_the_kernel()
    {
        using KernelBtf types = KernelBtf.Acquire();
        int target = types.Types.Find("btf_trace_sched_switch", BtfKind.Typedef);
        var program = new BpfTracingProgram(
            Load.Descriptor("typed", BpfProgramType.Tracing, Code.CountInto(_map), BpfAttachType.TraceRawTracePoint, "sched_switch", target));
        Own(new Unload(program));

        var info = Assert.IsType<BpfRawTracepointLinkInfo>(BpfLinkInfo.FromId(program.Attach().Id!.Value));

        Assert.Equal("sched_switch", info.Target);
    }

    [Fact]
    [Row("links", "link iteration and link info by kind")]
    [Row("links", "link info: iter")]
    public void An_iterator_has_what_it_walks()
    {
        using KernelBtf types = KernelBtf.Acquire();
        var program = new BpfIteratorProgram(Load.Descriptor(
            "walk", BpfProgramType.Tracing, Code.CountInto(_map), BpfAttachType.TraceIter, "task", types.Types.Find("bpf_iter_task", BtfKind.Function)));
        Own(new Unload(program));

        var info = Assert.IsType<BpfIteratorLinkInfo>(BpfLinkInfo.FromId(program.Attach().Id!.Value));

        Assert.Equal(("task", (uint?)null), (info.Name, info.MapId));
        Assert.Equal("iter/task", info.Target);
    }
}
