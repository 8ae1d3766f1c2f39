using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Skeletons;

/// <summary>A class over an object made at run time: used where it has the interface the class was generated for, refused with every difference where it has not.</summary>
public sealed class StandInTests : KernelTest
{
    [Fact]
    public void Recompiled_code_runs_under_the_same_class()
    {
        Standin first = Own(Standin.Open().Load());
        Standin second = Own(Standin.Open(Anew()).Load());

        first.Programs.OnPacket.TestRun(new byte[14]);
        second.Programs.OnPacket.TestRun(new byte[14]);
        second.Programs.OnPacket.TestRun(new byte[14]);

        Assert.Equal((1ul, 1ul), (first.Globals.Packets, first.Maps.Steps[0]));
        Assert.Equal((20ul, 20ul), (second.Globals.Packets, second.Maps.Steps[0]));
        Assert.Equal((4, 8), (first.Maps.Steps.Count, second.Maps.Steps.Count));
    }

    [Fact]
    public void What_it_has_beyond_the_interface_is_reached_by_name()
    {
        Standin.Spec spec = Standin.Open(Anew());
        spec.Globals.Step = 3;
        Standin live = Own(spec.Load());

        live.Programs.OnPacket.TestRun(new byte[14]);

        Assert.Equal(30ul, live.Globals.Packets);
        Assert.Equal("notes", spec.Object.Map("notes").Name);
        Assert.True(live.Live.GetProgram<BpfXdpProgram>("on_other").IsLoaded);
    }

    [Fact]
    public void Every_difference_is_named()
    {
        BpfObjectSpec other = StandinOther.Open().Object;

        BpfInterfaceException refused = Assert.Throws<BpfInterfaceException>(() => Standin.Open(other));

        Assert.Equal(
            [
                "map 'steps' is Hash and was Array",
                "member 'source' of struct flow is a signed number of 4 bytes and was an unsigned number of 4 bytes",
                "member 'port' of struct flow is in the machine's byte order and was in network byte order",
                "member 'name' of struct flow has 4 elements and had 6",
                "struct total has no member 'packets'",
                "member 'last' of struct total is at byte 0 and was at byte 8",
                "constant 'VERDICT_PASS' of enum verdict is 2 and was 1",
                "enum verdict has no constant 'VERDICT_DROP'",
                "member 'flags' of struct total is at bit 32 with 4 bits and was at bit 96 with 3 bits",
                "variable 'step' has 8 bytes and had 4",
                "it does not keep the event 'note' (HM_EVENT)",
                "program 'on_packet' is in section \"tc\" and was in \"xdp\", which is for another program type or attach type",
            ],
            refused.Differences);
        Assert.All(refused.Differences, difference => Assert.Contains(difference, refused.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void The_object_itself_is_accepted()
        => Assert.Equal("steps", Standin.Open(BpfObjectSpec.Read(Standin.Open().Object.Elf.Image, "standin")).Maps.Steps.Name);

    private static BpfObjectSpec Anew() => StandinAnew.Open().Object;
}
