namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Maps in maps through the generated bindings.</summary>
public sealed class InnerMapTests : KernelTest
{
    private const int Closes = 100;

    [Fact]
    [Row("maps", "ARRAY_OF_MAPS")]
    public void An_inner_map_is_created_and_read_with_its_types()
    {
        using Kinds live = Kinds.Open().Load();
        BpfHashMap<uint, Kinds.Closed> inner = live.Maps.Outer.CreateInner();
        using BpfMapHandle owned = inner.MapHandle;
        inner[Closes] = new Kinds.Closed { Bytes = 41 };
        live.Maps.Outer.Set(1, inner);

        Send(live, Closes);

        Assert.Equal(42ul, inner[Closes].Bytes);
    }

    private static void Send(Kinds live, int length) => Assert.Equal(2u, live.Programs.Send.TestRun(new byte[length]).ReturnValue);
}
