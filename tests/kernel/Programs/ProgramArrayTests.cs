namespace Hypermesh.Bpf.Tests.Kernel.Programs;

/// <summary>Tail calls.</summary>
public sealed class ProgramArrayTests : MapsInUseTest
{
    [Fact]
    [Row("maps", "PROG_ARRAY initial values (.values = { [0] = &prog })")]
    [Row("maps", "PROG_ARRAY")]
    public void Tail_calls_reach_the_programs_of_the_C_and_those_that_are_set()
    {
        BpfObject live = Open();
        var jumps = new BpfProgramArray(live.GetMap("jumps"));
        BpfProgram jump = Program(live, "jump"), first = Program(live, "first"), third = Program(live, "third");

        Assert.Equal([1, 100, 3, 100], Enumerable.Range(0, 4).Select(i => jump.Run((ulong)i)));
        Assert.True(jumps.TryGetProgramId(2, out uint id));
        Assert.Equal(third.Id, id);
        jumps.Set(1, third);
        Assert.True(jumps.Remove(0));
        Assert.False(jumps.Remove(0));
        jumps.Set(2, first);
        Assert.Equal([100, 3, 1, 100], Enumerable.Range(0, 4).Select(i => jump.Run((ulong)i)));
        Assert.Throws<ArgumentOutOfRangeException>(() => jumps.Set(4, first));
    }

    [Fact]
    [Row("maps", "PROG_ARRAY initial values (.values = { [0] = &prog })")]
    public void A_disabled_program_leaves_its_element_empty()
    {
        BpfObject live = Open(spec => spec.Program("third").Enabled = false);
        Assert.Equal([1, 100, 100], Enumerable.Range(0, 3).Select(i => Program(live, "jump").Run((ulong)i)));
    }
}
