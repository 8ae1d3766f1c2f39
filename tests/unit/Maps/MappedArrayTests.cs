using System.Runtime.InteropServices;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Maps;

/// <summary>Spans of mapped memory hold a reference: however they are copied and disposed, it is released once, and references of others stay.</summary>
public sealed class MappedArrayTests
{
    private readonly ScriptedKernel _kernel = new();
    private readonly BpfMapHandle _map;

    public MappedArrayTests()
        => _map = new BpfMapHandle(_kernel, new BpfMapDefinition("a", BpfMapType.Array, 4, 8, 4, BpfMapFlags.Mappable), _kernel.NewHandle(), "obj");

    [Fact]
    public void A_span_that_is_disposed_twice_releases_once()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        using (BpfMappedSpan<ulong> span = array.Use())
        {
            span[1] = 5;
            span.Dispose();
            span.Dispose();
        }

        Assert.Equal(5ul, array[1]);
        _map.Dispose();
        AssertReleased();
        Assert.Equal("map a of obj", Assert.Throws<ObjectDisposedException>(() => array[1]).ObjectName);
    }

    [Fact]
    public void Another_holder_keeps_its_memory()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        BpfMappedSpan<ulong> holder = array.Use();
        BpfMappedSpan<ulong> span = array.Use();
        BpfMappedSpan<ulong> copy = span;
        span.Dispose();
        copy.Dispose();
        Pass(copy);
        span.Dispose();
        _map.Dispose();
        Assert.Equal(1, _kernel.Mapped);
        holder[3] = 7;
        Assert.Equal(7ul, holder.Span[3]);
        holder.Dispose();
        AssertReleased();

        static void Pass(BpfMappedSpan<ulong> taken) => taken.Dispose();
    }

    [Fact]
    public void A_copy_does_not_reach_the_memory_after_the_end()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        BpfMappedSpan<ulong> span = array.Use();
        BpfMappedSpan<ulong> copy = span;
        copy.Dispose();
        AssertEnded(span);
        AssertEnded(copy);
        AssertEnded(default);
        default(BpfMappedSpan<ulong>).Dispose();

        // The next use has the same lease under another number.
        BpfMappedSpan<ulong> next = array.Use();
        span.Dispose();
        copy.Dispose();
        AssertEnded(span);
        _map.Dispose();
        next[0] = 1;
        next.Dispose();
        AssertReleased();

        static void AssertEnded(BpfMappedSpan<ulong> ended)
        {
            bool first = false, second = false;
            try
            {
                _ = ended.Span;
            }
            catch (ObjectDisposedException)
            {
                first = true;
            }

            try
            {
                _ = ended.Length == 0 ? ended.Span[0] : ended[0];
            }
            catch (ObjectDisposedException)
            {
                second = true;
            }

            Assert.True(first && second, "a span was given out after its end");
        }
    }

    [Fact]
    public void Uses_that_are_nested_end_in_any_order()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        BpfMappedSpan<ulong> a = array.Use();
        BpfMappedSpan<ulong> b = array.Use();
        BpfMappedSpan<ulong> c = array.Use();
        b.Dispose();
        BpfMappedSpan<ulong> d = array.Use();
        a.Dispose();
        b.Dispose();
        a.Dispose();
        d[0] = 4;
        Assert.Equal(4ul, c[0]);
        c.Dispose();
        _map.Dispose();
        Assert.Equal(1, _kernel.Mapped);
        d.Dispose();
        AssertReleased();
    }

    [Fact]
    public void Using_memory_allocates_nothing()
    {
        BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(_map).Map();
        Use(array);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Use(array);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        _map.Dispose();
        AssertReleased();

        static void Use(BpfMappedArray<ulong> array)
        {
            using BpfMappedSpan<ulong> outer = array.Use();
            using BpfMappedSpan<ulong> inner = array.Use();
            outer[0] = inner[1] + array[2];
            inner.Dispose();
        }
    }

    [Fact]
    public async Task Threads_that_use_a_mapping_as_it_ends_read_it_or_get_an_exception()
    {
        for (int round = 0; round < 20; round++)
        {
            var map = new BpfMapHandle(_kernel, _map.Definition, _kernel.NewHandle(), "obj");
            BpfMappedArray<ulong> array = new BpfArrayMap<ulong>(map).Map();
            int started = 0;
            Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                Interlocked.Increment(ref started);
                try
                {
                    while (true)
                    {
                        using BpfMappedSpan<ulong> span = array.Use();
                        span[0]++;
                        span.Dispose();
                        array[1] = array[0];
                    }
                }
                catch (ObjectDisposedException)
                {
                    // It has ended.
                }
            }))];
            SpinWait.SpinUntil(() => Volatile.Read(ref started) == readers.Length);
            map.Dispose();
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        }

        _map.Dispose();
        AssertReleased();
    }

    private void AssertReleased()
    {
        Assert.Equal(0, _kernel.Mapped);
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
