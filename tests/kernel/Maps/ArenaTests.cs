namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Memory that programs and this process share.</summary>
public sealed class ArenaTests : KernelTest
{
    [Fact]
    [Row("maps", "ARENA (mmap, globals, __arena pointers)")]
    [Row("externs", "arena globals (.addr_space.1)")]
    [Row("sections", ".addr_space.1 (arena globals)")]
    public void An_arena_is_shared_and_holds_globals()
    {
        Shared.Spec spec = Shared.Open();
        Assert.SkipUnless(spec.Globals.HasArenaSection, "clang before 19 has no section for an arena's variables");
        int place = spec.Object.DataSection(".addr_space.1").FindVariable("place")!.Offset;
        int counter = spec.Object.DataSection(".addr_space.1").FindVariable("counter")!.Offset;
        Shared live = Own(OrSkip(Absence.OfMapType(BpfMapType.Arena), () => spec.Load()));
        BpfArena arena = live.Maps.Memory;
        ulong context = 5;
        Assert.Equal(12, live.Programs.Add.Run(ref context));
        Assert.Equal(12ul, live.Live.GetSection(".addr_space.1").Read<ulong>(counter));

        // A pointer of ours, which the program follows.
        arena.Write(4096, 41ul);
        live.Live.GetSection(".addr_space.1").Write(place, arena.Address + 4096);
        live.Programs.Add.Run(ref context);
        Assert.Equal(42ul, arena.Read<ulong>(4096));
        Assert.Equal(4096, arena.OffsetOf(new KernelPointer(arena.Address + 4096)));
        using (BpfMappedSpan<ulong> part = arena.Use<ulong>(4096, 2))
        {
            Assert.Equal(42ul, part.Span[0]);
        }

        Assert.Equal(16 * Environment.SystemPageSize, arena.Size);
        Assert.Throws<ArgumentOutOfRangeException>(() => arena.Read<ulong>(arena.Size - 4));
        live.Dispose();
        Assert.Throws<ObjectDisposedException>(() => arena.Read<ulong>(0));
    }
}
