using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.CGroups;

/// <summary>A control group and the programs attached to it.</summary>
public sealed unsafe class ControlGroupTests
{
    private readonly ScriptedKernel _kernel = new() { Files = { ["/group"] = [] } };

    [Fact]
    public void A_closed_group_is_named()
    {
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        group.Dispose();

        Assert.Contains("control group /group", Assert.Throws<ObjectDisposedException>(() => group.Query(BpfAttachType.CGroupInetEgress)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Old_kernels_are_queried_for_less_and_long_lists_again()
    {
        var asked = new List<(bool Links, bool Flags, uint Count)>();
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command != BpfCommand.ProgramQuery)
            {
                return null;
            }

            var query = (ProgramQueryAttr*)attributes;
            asked.Add((query->LinkIds != 0, query->ProgAttachFlags != 0, query->Count));
            if (query->LinkIds != 0 || query->ProgAttachFlags != 0)
            {
                return -Errno.EINVAL;
            }

            long result = query->Count < 70 ? -Errno.ENOSPC : 0;
            query->Count = 70;
            return result;
        };
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        Assert.Equal(70, group.Query(BpfAttachType.CGroupInetEgress).Programs.Count);
        Assert.Equal([(true, true, 64u), (false, true, 64u), (false, false, 64u), (false, false, 70u)], asked);
    }
}
