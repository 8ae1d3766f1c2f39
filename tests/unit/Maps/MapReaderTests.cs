using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

public sealed unsafe class MapReaderTests
{
    private readonly ScriptedKernel _kernel = new();
    private readonly BpfHashMap<uint, ulong> _map;

    public MapReaderTests()
        => _map = new BpfHashMap<uint, ulong>(
            new BpfMapHandle(_kernel, new BpfMapDefinition("m", BpfMapType.Hash, 4, 8, 1000), _kernel.NewHandle(), "obj"));

    [Fact]
    public void Parts_are_joined_until_the_end()
    {
        // Three answers of 100, 0 (a signal) and 50 entries, the last with the end.
        Queue<(int Count, long Result)> script = new([(100, 0), (0, -Errno.EINTR), (50, -Errno.ENOENT)]);
        uint key = 0;
        ulong? cursor = null;
        _kernel.OnBpf = (command, attributes) =>
        {
            Assert.Equal(BpfCommand.MapLookupBatch, command);
            var batch = (MapBatchAttr*)attributes;
            Assert.Equal(cursor is null, batch->InBatch == 0);
            if (cursor is not null)
            {
                Assert.Equal(cursor, *(ulong*)batch->InBatch);
            }

            (int count, long result) = script.Dequeue();
            if (result != -Errno.EINTR)
            {
                cursor = key + 1000;
                *(ulong*)batch->OutBatch = cursor.Value;
            }

            for (int i = 0; i < count; i++)
            {
                ((uint*)batch->Keys)[i] = key;
                ((ulong*)batch->Values)[i] = key++ * 10ul;
            }

            batch->Count = (uint)count;
            return result;
        };
        var batch = new BpfMapBatch<uint, ulong>();
        Assert.Equal(150, _map.Read(batch));
        Assert.Equal(1490ul, batch[149].Value);
        Assert.Equal(149u, batch.Keys[149]);
    }

    [Fact]
    public void A_bucket_larger_than_the_buffer_grows_the_buffer()
    {
        var asked = new List<uint>();
        _kernel.OnBpf = (_, attributes) =>
        {
            var batch = (MapBatchAttr*)attributes;
            asked.Add(batch->Count);
            bool fits = batch->Count >= 600;
            batch->Count = fits ? 600u : 0;
            return fits ? -Errno.ENOENT : -Errno.ENOSPC;
        };
        Assert.Equal(600, _map.Read(new BpfMapBatch<uint, ulong>()));
        Assert.Equal([256u, 512u, 1024u], asked);
    }

    [Theory]
    [InlineData(Errno.EINVAL)]
    [InlineData(Errno.ENOTSUPP)]
    public void Without_batches_keys_are_walked_and_vanished_ones_skipped(int errno)
    {
        uint[] keys = [5, 6, 7];
        _kernel.OnBpf = (command, attributes) =>
        {
            var element = (MapElementAttr*)attributes;
            switch (command)
            {
                case BpfCommand.MapLookupBatch:
                    return -errno;
                case BpfCommand.MapGetNextKey:
                    int next = element->Key == 0 ? 0 : Array.IndexOf(keys, *(uint*)element->Key) + 1;
                    if (next == keys.Length)
                    {
                        return -Errno.ENOENT;
                    }

                    *(uint*)element->NextKey = keys[next];
                    return 0;
                default:
                    *(ulong*)element->Value = *(uint*)element->Key * 2;
                    return *(uint*)element->Key == 6 ? -Errno.ENOENT : 0;
            }
        };
        Assert.Equal([new(5, 10), new(7, 14)], _map.ToArray());
        var batch = new BpfMapBatch<uint, ulong>();
        Assert.Equal(2, _map.Read(batch));
        Assert.Single(_kernel.Calls, "BPF_MAP_LOOKUP_BATCH");
    }

    [Fact]
    public void A_walk_that_never_ends_is_ended()
    {
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command == BpfCommand.MapGetNextKey)
            {
                *(uint*)((MapElementAttr*)attributes)->NextKey = 1;
                return 0;
            }

            return command == BpfCommand.MapLookupBatch ? -Errno.EINVAL : 0;
        };
        var error = Assert.Throws<BpfException>(() => _map.Read(new BpfMapBatch<uint, ulong>()));
        Assert.Equal("m", error.SubjectName);
    }

    [Theory]
    [InlineData(BpfCommand.MapLookupElement)]
    [InlineData(BpfCommand.MapUpdateElement)]
    [InlineData(BpfCommand.MapDeleteElement)]
    [InlineData(BpfCommand.MapLookupAndDeleteElement)]
    [InlineData(BpfCommand.MapLookupBatch)]
    public void Every_failure_names_the_map(BpfCommand command)
    {
        _kernel.Answer(command, -Errno.ENOMEM);
        Action call = command switch
        {
            BpfCommand.MapLookupElement => () => _map.TryGetValue(1, out _),
            BpfCommand.MapUpdateElement => () => _map[1] = 1,
            BpfCommand.MapDeleteElement => () => _map.Remove(1),
            BpfCommand.MapLookupAndDeleteElement => () => _map.TryTake(1, out _),
            _ => () => _map.Read(new BpfMapBatch<uint, ulong>()),
        };
        var error = Assert.Throws<BpfSyscallException>(call);
        Assert.Equal((command, 12, "obj", "m"), (error.Command!.Value, error.Errno, error.ObjectName, error.SubjectName));
    }

    [Fact]
    public void A_map_that_was_not_created_says_so()
    {
        var map = new BpfHashMap<uint, ulong>(new BpfMapHandle(_kernel, new BpfMapDefinition("off", BpfMapType.Hash, 4, 8, 1), handle: null));
        Assert.False(map.MapHandle.IsCreated);
        Assert.Contains("not created", Assert.Throws<BpfException>(() => map.TryGetValue(1, out _)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Handles_are_closed_once()
    {
        _map.MapHandle.Dispose();
        _map.MapHandle.Dispose();
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
