using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Objects;

/// <summary>Records by offset: those of a range, however many share an offset.</summary>
public sealed class OffsetRangeTests
{
    private static readonly (ulong Offset, char Name)[] s_records = [(0, 'a'), (8, 'b'), (8, 'c'), (24, 'd'), (ulong.MaxValue, 'e')];

    [Theory]
    [InlineData(0, 8, "a")]
    [InlineData(0, 9, "abc")]
    [InlineData(8, 1, "bc")]
    [InlineData(9, 15, "")]
    [InlineData(9, 16, "d")]
    [InlineData(24, 0, "")]
    [InlineData(25, ulong.MaxValue, "e")]
    [InlineData(0, ulong.MaxValue, "abcd")]
    public void A_range_has_the_records_within(ulong start, ulong size, string names)
        => Assert.Equal(names, string.Concat(OffsetRange.Within(s_records, start, size, static record => record.Offset).Select(static record => record.Name)));

    [Fact]
    public void Every_range_has_what_a_search_of_all_finds()
    {
        var random = new Random(20261129);
        for (int round = 0; round < 500; round++)
        {
            ulong[] offsets = OffsetRange.Sorted([.. Enumerable.Range(0, random.Next(40)).Select(_ => (ulong)random.Next(60))], static offset => offset);
            ulong start = (ulong)random.Next(70), size = (ulong)random.Next(70);

            Assert.Equal(offsets.Where(offset => offset >= start && offset - start < size), OffsetRange.Within(offsets, start, size, static offset => offset));
        }
    }

    [Fact]
    public void Records_out_of_order_are_sorted_and_those_of_one_offset_keep_their_order()
    {
        (ulong Offset, char Name)[] mixed = [(8, 'b'), (24, 'd'), (8, 'c'), (0, 'a')];

        Assert.Equal("abcd", string.Concat(OffsetRange.Sorted(mixed, static record => record.Offset).Select(static record => record.Name)));
        Assert.Same(s_records, OffsetRange.Sorted(s_records, static record => record.Offset));
    }
}
