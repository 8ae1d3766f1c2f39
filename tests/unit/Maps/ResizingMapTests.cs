using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>Reading a hash map while the kernel changes its table's size: its walk passes over some entries, gives others twice, and loses its place.</summary>
public sealed unsafe class ResizingMapTests
{
    private readonly ScriptedKernel _kernel = new();
    private readonly BpfHashMap<uint, ulong> _map;

    public ResizingMapTests()
        => _map = new BpfHashMap<uint, ulong>(
            new BpfMapHandle(_kernel, new BpfMapDefinition("m", BpfMapType.RHash, 4, 8, 1000), _kernel.NewHandle(), "obj"));

    [Fact]
    public void Each_entry_is_taken_once_whatever_the_walk_skips()
    {
        var there = new SortedSet<uint>(Enumerable.Range(1, 600).Select(static i => (uint)i));
        int walked = 0;
        _kernel.OnBpf = (command, attributes) =>
        {
            var element = (MapElementAttr*)attributes;
            switch (command)
            {
                case BpfCommand.MapGetNextKey:
                    // One in three is passed over, one in seven given twice.
                    walked++;
                    uint[] rest = [.. there.Where(key => element->Key == 0 || key > *(uint*)element->Key).Take(2)];
                    uint? next = rest.Length == 0 ? null : element->Key != 0 && walked % 7 == 0 ? *(uint*)element->Key : walked % 3 == 0 ? rest[^1] : rest[0];
                    *(uint*)element->NextKey = next ?? 0;
                    return next is null ? -Errno.ENOENT : 0;
                case BpfCommand.MapLookupAndDeleteElement:
                    uint taken = *(uint*)element->Key;
                    *(ulong*)element->Value = taken * 10ul;
                    return there.Remove(taken) ? 0 : -Errno.ENOENT;
                default:
                    Assert.Fail($"{command} was called");
                    return null;
            }
        };

        var batch = new BpfMapBatch<uint, ulong>();

        Assert.Equal(600, _map.TakeAll(batch));
        Assert.Equal(Enumerable.Range(1, 600).Select(static i => (uint)i), batch.Keys.ToArray().Order());
        Assert.All(batch, static entry => Assert.Equal(entry.Key * 10ul, entry.Value));
        Assert.Equal(0, _map.TakeAll(batch));
    }

    [Fact]
    public void A_read_that_lost_its_place_starts_again()
    {
        // 100 entries, then the place is gone; from the start, 100 and 50.
        Queue<(uint First, int Count, long Result, bool FromStart)> script = new([(900, 100, 0, true), (0, 0, -Errno.EAGAIN, false), (0, 100, 0, true), (100, 50, -Errno.ENOENT, false)]);
        _kernel.OnBpf = (_, attributes) =>
        {
            var batch = (MapBatchAttr*)attributes;
            (uint first, int count, long result, bool fromStart) = script.Dequeue();
            Assert.Equal(fromStart, batch->InBatch == 0);
            for (int i = 0; i < count; i++)
            {
                ((uint*)batch->Keys)[i] = first + (uint)i;
            }

            batch->Count = (uint)count;
            return result;
        };

        Assert.Equal(Enumerable.Range(0, 150).Select(static i => (uint)i), _map.Select(static entry => entry.Key));
        Assert.Empty(script);
    }

    [Fact]
    public void A_map_that_changes_all_the_time_is_reported()
    {
        _kernel.OnBpf = static (_, attributes) =>
        {
            ((MapBatchAttr*)attributes)->Count = 0;
            return -Errno.EAGAIN;
        };

        Assert.Contains("read it again", Assert.Throws<BpfException>(() => _map.Read(new BpfMapBatch<uint, ulong>())).Message, StringComparison.Ordinal);
    }
}
