using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>Walking the keys of a map that changes meanwhile: after a key that is gone the kernel begins anew.</summary>
public sealed unsafe class MapKeyTests
{
    private readonly ScriptedKernel _kernel = new();
    private readonly SortedSet<int> _there = [.. Enumerable.Range(0, 50)];
    private int _asked;

    [Fact]
    public void A_walk_that_starts_again_returns_each_key_once()
    {
        // Three times the key that was given last is gone when the next is asked for.
        BpfStackTraceMap map = Open(isGone: static asked => asked is 20 or 45 or 70, limit: 1000);
        IReadOnlyList<int> ids = map.Ids;
        Assert.Equal(ids.Distinct(), ids);
        Assert.All(_there, id => Assert.Contains(id, ids));
        Assert.True(_asked < 1000);
    }

    [Fact]
    public void A_walk_that_always_starts_again_ends()
    {
        int next = 1000;
        BpfStackTraceMap map = Open(
            isGone: _ =>
            {
                // One comes for each that goes: the map is never empty, and the walk never at its end.
                _there.Add(next++);
                return true;
            },
            limit: 100_000);
        Assert.Contains("changed too much", Assert.Throws<BpfException>(() => map.Ids).Message, StringComparison.Ordinal);
    }

    private BpfStackTraceMap Open(Func<int, bool> isGone, int limit)
    {
        _kernel.OnBpf = (command, attributes) =>
        {
            var element = (MapElementAttr*)attributes;
            Assert.Equal(BpfCommand.MapGetNextKey, command);
            Assert.True(_asked++ < limit, "the walk does not end");
            int? last = element->Key == 0 ? null : *(int*)element->Key;
            if (last is { } key && isGone(_asked))
            {
                _there.Remove(key);
            }

            int[] after = [.. _there.Where(id => last is null || !_there.Contains(last.Value) || id > last).Take(1)];
            if (after.Length == 0)
            {
                return -Errno.ENOENT;
            }

            *(int*)element->NextKey = after[0];
            return 0;
        };
        return new BpfStackTraceMap(new BpfMapHandle(_kernel, new BpfMapDefinition("stacks", BpfMapType.StackTrace, 4, 8 * 127, 64), _kernel.NewHandle()));
    }
}
