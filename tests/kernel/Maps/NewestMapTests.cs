using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Map types of the newest kernels.</summary>
public sealed class NewestMapTests : KernelTest
{
    private const uint Entries = 4000;

    [Fact]
    [Row("maps", "INSN_ARRAY, RHASH (newest)")]
    public void Instructions_are_followed_through_what_the_verifier_does_to_them()
    {
        BpfMapHandle descriptor = Create(Absence.OfMapType(BpfMapType.InsnArray), new BpfMapDefinition("places", BpfMapType.InsnArray, 4, 16, 4));
        var places = new BpfInstructionArray(descriptor);
        int[] instructions = [0, 2, 3, 6];
        for (int i = 0; i < instructions.Length; i++)
        {
            places.Set(i, instructions[i]);
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => places.Set(4, 0));
        descriptor.Freeze();
        Assert.Throws<BpfPermissionException>(() => places.Set(0, 1));

        // The comparison is of two constants: the verifier takes it out, and what it would jump to.
        const byte JumpIfNot = 0x55, Jump = 0x05;
        BpfSyscallProgram program = Load.Syscall([
            .. Code.LoadMap(1, descriptor),
            Code.Move(0, 0),
            new(JumpIfNot, 0, 0, 2, 0),
            Code.Move(0, 7),
            new(Jump, 0, 0, 1, 0),
            Code.Move(0, 9),
            Code.Exit(),
        ]);
        Own(new Unload(program));

        Assert.Equal([0, 2, 3, 6], Enumerable.Range(0, 4).Select(i => places[i].Original));
        Assert.Equal([0, 2, null, null], Enumerable.Range(0, 4).Select(i => places[i].Translated));
        Assert.InRange(places[1].Compiled, places[0].Compiled + 1, int.MaxValue);
        int context = 0;
        Assert.Equal(7, program.Run(ref context));
    }

    [Fact]
    [Row("maps", "INSN_ARRAY, RHASH (newest)")]
    public void A_hash_map_grows_and_shrinks_with_its_entries()
    {
        BpfMapHandle descriptor = Create(Absence.OfMapType(BpfMapType.RHash), new BpfMapDefinition("grows", BpfMapType.RHash, 4, 8, Entries));
        var map = new BpfHashMap<uint, ulong>(descriptor);
        uint[] keys = [.. Enumerable.Range(0, (int)Entries).Select(static i => (uint)i)];
        map.Update(keys, [.. keys.Select(static key => key * 3ul)]);

        // Until the table has its new size, a walk passes over some.
        Assert.True(SpinWait.SpinUntil(() => map.Count() == Entries, TimeSpan.FromSeconds(60)), $"{map.Count()} entries");
        Assert.Equal(Entries, (uint)map.Select(static entry => entry.Key).Distinct().Count());
        Assert.Equal(11_997ul, map[3999]);
        Assert.Equal(Errno.E2BIG, Assert.Throws<BpfSyscallException>(() => map[Entries] = 1).Errno);
        Assert.Equal(2, map.Remove([5, 9999, 7]));
        Assert.True(map.TryTake(9, out ulong taken));
        Assert.Equal(27ul, taken);
        Assert.False(map.TryGetValue(9, out _));
        var batch = new BpfMapBatch<uint, ulong>();
        Assert.Equal((int)Entries - 3, map.TakeAll(batch));
        Assert.Equal(((Entries * (Entries - 1ul) / 2) - 5 - 7 - 9) * 3, batch.Values.ToArray().Aggregate(static (a, b) => a + b));
        Assert.Empty(map);
        map[1] = 2;
        Assert.Equal(2ul, Assert.Single(map).Value);
    }
}
