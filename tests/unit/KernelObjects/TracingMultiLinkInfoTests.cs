using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.KernelObjects;

/// <summary>What a link of typed programs says of its functions.</summary>
public sealed class TracingMultiLinkInfoTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_link_lists_its_functions()
    {
        using BpfHandle link = _kernel.NewHandle();
        _kernel.Files[$"/proc/self/fdinfo/{link.DangerousGetHandle()}"] = Encoding.ASCII.GetBytes(
            "pos:\t0\nlink_type:\ttracing_multi\nlink_id:\t3\nprog_tag:\t123\nprog_id:\t9\nattach_type:\t60\ncnt:\t2\nobj-id\t btf-id\t cookie\t func\n"
            + "1\t 570\t 0\t do_one+0x4/0x20\n5\t 110001\t 18446744073709551615\t do_two+0x0/0x9 [module]\n");

        var info = new BpfTracingMultiLinkInfo(link, new RawLinkInfo { Type = 15, Id = 3, ProgId = 9 });

        Assert.Equal((BpfLinkType.TracingMulti, 3u, 9u, BpfAttachType.TraceFExitMulti), (info.Type, info.Id, info.ProgramId, info.AttachType));
        Assert.Equal([new BpfTracedFunction("do_one", 570, 1, 0), new BpfTracedFunction("do_two", 110001, 5, ulong.MaxValue)], info.Functions);
        Assert.Equal("TraceFExitMulti of 2 kernel functions", info.Target);
    }

    [Fact]
    public void Without_proc_a_link_lists_no_functions()
    {
        using BpfHandle link = _kernel.NewHandle();

        var info = new BpfTracingMultiLinkInfo(link, new RawLinkInfo { Type = 15 });

        Assert.Empty(info.Functions);
        Assert.Equal(default, info.AttachType);
    }
}
