using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Btf;

/// <summary>Disposing the kernel's types while another thread reads them: the reader finishes or gets an exception, and no freed memory is read.</summary>
public sealed class KernelBtfTests
{
    private const int Structs = 3000;

    private static readonly byte[] s_types = Build();

    private readonly ScriptedKernel _kernel = new();

    public KernelBtfTests() => _kernel.Files[KernelBtf.Path] = s_types;

    [Fact]
    public async Task A_reader_finishes_or_gets_an_exception_when_the_types_are_disposed()
    {
        for (int round = 0; round < 20; round++)
        {
            KernelBtf owner = KernelBtf.Acquire(_kernel);
            BtfTypes types = owner.Types;
            int started = 0;
            Task[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => ReadOn(types, ref started)))];
            SpinWait.SpinUntil(() => Volatile.Read(ref started) == readers.Length);
            owner.Dispose();
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Assert.Throws<ObjectDisposedException>(() => owner.Types);
            Assert.Throws<ObjectDisposedException>(() => types.Find("name_1", BtfKind.Struct));
            Assert.Equal(0, _kernel.Mapped);
        }

        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_span_that_a_reader_holds_stays_valid()
    {
        KernelBtf owner = KernelBtf.Acquire(_kernel);
        BtfTypes types = owner.Types;
        ReadOnlySpan<byte> name = types[types.Find("name_7", BtfKind.Struct)].NameBytes;
        owner.Dispose();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.True(name.SequenceEqual("name_7"u8));
    }

    [Fact]
    public void Types_stay_while_others_hold_them()
    {
        KernelBtf first = KernelBtf.Acquire(_kernel);
        KernelBtf second = KernelBtf.Acquire(_kernel);
        KernelBtf borrowed = KernelBtf.Borrow(_kernel);
        Assert.Same(first.Types, second.Types);
        Assert.Same(first.Types, borrowed.Types);
        first.Dispose();
        first.Dispose();
        second.Dispose();
        Assert.NotEqual(0, borrowed.Types.Find("name_1", BtfKind.Struct));
        BtfTypes types = borrowed.Types;
        borrowed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => types[1].Name);
        Assert.Single(_kernel.Calls, static call => call == "open " + KernelBtf.Path);
    }

    [Fact]
    public void Borrowed_types_are_mapped_and_unmapped()
    {
        using (KernelBtf one = KernelBtf.Borrow(_kernel))
        using (KernelBtf two = KernelBtf.Borrow(_kernel))
        {
            Assert.Same(one.Types, two.Types);
            Assert.Equal(1, _kernel.Mapped);
        }

        Assert.Equal(0, _kernel.Mapped);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(-Errno.ENOMEM)]
    [InlineData(0)]
    public void A_file_that_cannot_be_read_whole_leaves_nothing_open(long result)
    {
        _kernel.Answer("read", result);
        Assert.ThrowsAny<BpfException>(() => KernelBtf.Acquire(_kernel));
        _kernel.Answer("mmap", -Errno.ENODEV).Answer("read", result);
        Assert.ThrowsAny<BpfException>(() => KernelBtf.Borrow(_kernel));
        Assert.Empty(_kernel.OpenDescriptors);
        using KernelBtf types = KernelBtf.Acquire(_kernel);
        Assert.NotEqual(0, types.Types.Find("name_1", BtfKind.Struct));
    }

    [Fact]
    public void Types_that_cannot_be_mapped_are_read()
    {
        _kernel.Files[KernelBtf.Path] = ProbeTypes.OneInteger();
        _kernel.Answer("mmap", -Errno.ENODEV);
        using KernelBtf types = KernelBtf.Acquire(_kernel);
        using KernelBtf same = KernelBtf.Acquire(_kernel);
        Assert.Equal(1, types.Types.Find("int", BtfKind.Int));
        Assert.Same(types.Types, same.Types);
        Assert.Single(_kernel.Calls, "open " + KernelBtf.Path);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private static void ReadOn(BtfTypes types, ref int started)
    {
        Interlocked.Increment(ref started);
        try
        {
            while (true)
            {
                for (int id = 1; id < types.Count; id++)
                {
                    Assert.True(types[id].NameBytes.Length < 20);
                }

                Assert.NotEqual(0, types.Find("name_99", BtfKind.Struct));
            }
        }
        catch (ObjectDisposedException)
        {
            // They have ended.
        }
    }

    private static byte[] Build()
    {
        var builder = new BtfBuilder();
        int integer = builder.Int("int", 4, BtfIntEncoding.Signed);
        for (int i = 0; i < Structs; i++)
        {
            builder.Struct($"name_{i}", 4, ("value", integer, 0));
        }

        return builder.Build();
    }
}
