using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Unit.Objects.StaticLinking;

/// <summary>Types that are the same become one, and no choice of types makes that slow.</summary>
public sealed class BtfDeduplicatorTests
{
    private const int Many = 40_000;
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    [Fact]
    public void Types_made_to_collide_in_a_sum_of_their_words_take_no_longer()
    {
        // Of all of them name * 31 + value is the same, whatever stands before.
        List<uint[]> records = [.. Enumerable.Range(0, Many).Select(static i => new[] { 0u, ((uint)BtfKind.Enum << 24) | 1, 4u, (uint)i + 1, unchecked(0u - (31u * (uint)i)) })];
        AreAllKept(records);
    }

    [Fact]
    public void Variables_that_are_alike_stay_apart_and_take_no_longer()
        => AreAllKept([[1u, (uint)BtfKind.Int << 24, 4u, 32u], .. Enumerable.Range(1, Many).Select(static _ => new[] { 9u, (uint)BtfKind.Variable << 24, 1u, 0u })]);

    [Fact]
    public void A_chain_as_long_as_the_file_is_abandoned_in_time()
    {
        List<uint[]> records = [.. Enumerable.Range(0, Many).Select(static i => new[] { 0u, (uint)BtfKind.Pointer << 24, (uint)i })];
        AreAllKept(records);
    }

    [Fact]
    public void Const_of_const_of_itself_is_rejected_when_kernels_are_merged()
    {
        var builder = new BtfBuilder();
        builder.Const(1);
        builder.Pointer(1);
        Assert.Contains("modifiers", Assert.Throws<BpfObjectFormatException>(() => KernelTypeMerger.Merge([builder.Types()])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Const_of_const_of_a_struct_takes_no_longer_with_each_const()
    {
        var builder = new BtfBuilder();
        int inner = builder.Struct("s", 4, ("a", builder.Int("int", 4), 0));
        for (int i = 0; i < 60; i++)
        {
            inner = builder.Const(inner);
        }

        builder.Pointer(inner);
        var work = Work.Begin();
        BtfTypes merged = KernelTypeMerger.Merge([builder.Types(), builder.Types("other")]);
        Assert.InRange(work.Time, TimeSpan.Zero, s_longest);
        Assert.NotEqual(0, merged.Find("s", BtfKind.Struct));
    }

    [Fact]
    public void Names_that_are_suffixes_of_each_other_do_not_grow_when_kernels_are_merged()
    {
        var builder = new BtfBuilder();
        uint name = builder.String(new string('n', 20_000));
        for (uint i = 0; i < 20_000; i++)
        {
            builder.Named(BtfKind.Struct, name + i, 0, 4);
        }

        BtfTypes types = builder.Types();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("overlap", Assert.Throws<BpfObjectFormatException>(() => KernelTypeMerger.Merge([types])).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    private static void AreAllKept(List<uint[]> records)
    {
        var work = Work.Begin();
        int[] numbers = BtfDeduplicator.Renumber(records);
        Assert.InRange(work.Time, TimeSpan.Zero, s_longest);
        Assert.Equal(Enumerable.Range(0, records.Count + 1), numbers);
    }
}
