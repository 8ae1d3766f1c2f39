using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Merging;

/// <summary>Values of two versions made one, member by member.</summary>
public sealed class MergePlanTests
{
    [Theory]
    [InlineData("Sum", 200, 100, 300)]
    [InlineData("Sum", -5, 2, -3)]
    [InlineData("Max", -5, -2, -2)]
    [InlineData("Max", 5, 2, 5)]
    [InlineData("Min", -5, -2, -5)]
    [InlineData("Keep", 7, 3, 7)]
    [InlineData("Keep", 0, 3, 0)]
    [InlineData("Min", 0, 5, 0)]
    [InlineData("Max", 0, -7, 0)]
    public void Members_are_merged_by_their_tag(string tag, long ours, long theirs, long expected)
    {
        MergeRule rule = Enum.Parse<MergeRule>(tag);
        MergePlan plan = MergePlan.Of([Field("x", 0, 8, rule)], [Field("x", 8, 8, rule), Field("y", 0, 8, MergeRule.Sum)], out string? fault)!;
        byte[] into = [.. BitConverter.GetBytes(1L), .. BitConverter.GetBytes(ours)];
        plan.Merge(into, [true, true], BitConverter.GetBytes(theirs));
        Assert.Equal((null, expected, 1L), (fault, BitConverter.ToInt64(into, 8), BitConverter.ToInt64(into)));
    }

    [Fact]
    public void A_member_without_a_value_takes_the_first_there_is_and_then_has_one()
    {
        // Of three versions, the first has no smallest value, and nothing was written in the third yet.
        MergePlan first = MergePlan.Of([Field("sum", 0, 8, MergeRule.Sum)], [Field("sum", 0, 8, MergeRule.Sum), Field("min", 8, 8, MergeRule.Min)], out _)!;
        MergePlan second = MergePlan.Of([Field("min", 0, 8, MergeRule.Min), Field("sum", 8, 8, MergeRule.Sum)], [Field("sum", 0, 8, MergeRule.Sum), Field("min", 8, 8, MergeRule.Min)], out _)!;
        byte[] into = new byte[16];
        bool[] isSet = [false, false];
        first.Merge(into, isSet, BitConverter.GetBytes(4L));
        second.Merge(into, isSet, [.. BitConverter.GetBytes(10L), .. BitConverter.GetBytes(1L)]);
        second.Merge(into, isSet, [.. BitConverter.GetBytes(12L), .. BitConverter.GetBytes(1L)]);
        Assert.Equal((6L, 10L), (BitConverter.ToInt64(into), BitConverter.ToInt64(into, 8)));
        Assert.Equal([true, true], isSet);
    }

    [Fact]
    public void Unsigned_numbers_are_compared_as_such_and_signed_ones_keep_their_sign_when_they_become_wider()
    {
        MergePlan unsigned = MergePlan.Of([new MergeField("x", 0, 4, 1, false, MergeRule.Max)], [new MergeField("x", 0, 8, 1, false, MergeRule.Max)], out _)!;
        byte[] into = BitConverter.GetBytes(5L);
        unsigned.Merge(into, [true], BitConverter.GetBytes(uint.MaxValue));
        Assert.Equal(uint.MaxValue, BitConverter.ToInt64(into));

        MergePlan signed = MergePlan.Of([new MergeField("x", 0, 1, 1, true, MergeRule.Sum)], [new MergeField("x", 0, 2, 1, true, MergeRule.Sum)], out _)!;
        byte[] two = BitConverter.GetBytes((short)300);
        signed.Merge(two, [true], [unchecked((byte)-3)]);
        Assert.Equal(297, BitConverter.ToInt16(two));
    }

    [Fact]
    public void The_elements_of_an_array_are_merged_one_by_one_and_a_part_of_a_section_has_those_within()
    {
        MergeField[] from = [new MergeField("slots", 0, 4, 4, false, MergeRule.Sum)], into = [new MergeField("slots", 8, 8, 4, false, MergeRule.Sum)];
        MergePlan plan = MergePlan.Of(from, into, out _)!;
        byte[] old = new byte[16], initial = new byte[16], newInitial = new byte[40];
        BitConverter.TryWriteBytes(initial.AsSpan(8), 7);
        for (int i = 0; i < 4; i++)
        {
            BitConverter.TryWriteBytes(old.AsSpan(i * 4), i + 10);
        }

        // The third began with 7, which is not counted twice.
        foreach ((int place, int value) in ((int, int)[])[(0, 10), (1, 11), (2, 5), (3, 13)])
        {
            byte[] part = BitConverter.GetBytes(100L);
            plan.MergePart(part, 8 + (place * 8), newInitial, old, initial);
            Assert.Equal(100 + value, BitConverter.ToInt64(part));
        }

        plan.ResetPart(8 + 8, 8, old, initial);
        Assert.Equal([10, 0, 12, 13], Enumerable.Range(0, 4).Select(i => BitConverter.ToInt32(old, i * 4)));
    }

    [Fact]
    public void What_would_not_fit_is_told()
    {
        MergeField unsigned = new("x", 0, 8, 1, false, MergeRule.Sum);
        foreach ((MergeField now, string expected) in ((MergeField, string)[])
        [
            (unsigned with { Size = 4 }, "member 'x' has 4 bytes and had 8: greater values would not fit"), (unsigned with { IsSigned = true }, "member 'x' is signed and was unsigned: greater values would not fit"),
            (unsigned with { Rule = MergeRule.Min }, "member 'x' has the tag HM_MIN and had HM_SUM"), (unsigned with { Count = 2 }, "member 'x' has 2 elements and had 1"),
        ])
        {
            Assert.Null(MergePlan.Of([unsigned], [now], out string? fault));
            Assert.Equal(expected, fault);
        }

        Assert.Null(MergePlan.Of([unsigned with { IsSigned = true }], [unsigned], out string? sign));
        Assert.Equal("member 'x' is unsigned and was signed", sign);
        Assert.NotNull(MergePlan.Of([unsigned], [unsigned with { Path = "y" }], out _));
    }

    private static MergeField Field(string path, int offset, int size, MergeRule rule) => new(path, offset, size, 1, true, rule);
}
