using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf.Tests.Unit.KernelObjects;

/// <summary>Which record has the information of a link.</summary>
public sealed unsafe class LinkInfoReaderTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_link_of_a_type_of_a_newer_kernel_has_its_ID_its_program_and_the_number_of_its_type()
    {
        BpfLinkInfo info = Read(new RawLinkInfo { Type = 999, Id = 3, ProgId = 9 });

        Assert.Equal(typeof(BpfLinkInfo), info.GetType());
        Assert.Equal(((BpfLinkType)999, 3u, 9u, "999"), (info.Type, info.Id, info.ProgramId, info.Target));
    }

    [Fact]
    public void The_link_of_a_struct_ops_map_and_that_of_a_program_on_a_map_name_the_map()
    {
        var registered = Assert.IsType<BpfMapLinkInfo>(Read(new RawLinkInfo { Type = (uint)BpfLinkType.StructOps, StructOpsMapId = 5 }));
        Assert.Equal((5u, BpfAttachType.StructOps, "struct_ops map 5"), (registered.MapId, registered.AttachType, registered.Target));

        var attached = Assert.IsType<BpfMapLinkInfo>(Read(new RawLinkInfo { Type = (uint)BpfLinkType.SockMap, SockmapMapId = 6, SockmapAttachType = (uint)BpfAttachType.SkMsgVerdict }));
        Assert.Equal((6u, BpfAttachType.SkMsgVerdict, "SkMsgVerdict of map 6"), (attached.MapId, attached.AttachType, attached.Target));
    }

    private BpfLinkInfo Read(RawLinkInfo raw)
    {
        using BpfHandle link = _kernel.NewHandle();
        _kernel.OnBpf = (_, attributes) =>
        {
            *(RawLinkInfo*)((ObjectInfoAttr*)attributes)->Info = raw;
            return 0;
        };
        return LinkInfoReader.Read(link);
    }
}
