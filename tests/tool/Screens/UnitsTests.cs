using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tests.Tool.Screens;

public sealed class UnitsTests
{
    [Theory]
    [InlineData(0, "    0")]
    [InlineData(0.5, "  0.5")]
    [InlineData(120, "  120")]
    [InlineData(999.4, "  999")]
    [InlineData(999.6, "1.00k")]
    [InlineData(41_234, "41.2k")]
    [InlineData(999_600, "1.00M")]
    [InlineData(1.5e15, ">999T")]
    [InlineData(-2.1e6, "-2.1M")]
    [InlineData(-41_234, " -41k")]
    public void Numbers_have_five_cells(double value, string text) => Assert.Equal(text, Units.Number(value));

    [Theory]
    [InlineData(0, "    0s")]
    [InlineData(512e-9, " 512ns")]
    [InlineData(15.26e-6, "15.3us")]
    [InlineData(1.02e-3, "1.02ms")]
    [InlineData(0.25, " 250ms")]
    [InlineData(1.2, " 1.20s")]
    [InlineData(250, " 4m10s")]
    [InlineData(43_500, "12h05m")]
    [InlineData(270_000, " 3d03h")]
    public void Times_have_six_cells(double seconds, string text) => Assert.Equal(text, Units.Time(seconds));

    [Theory]
    [InlineData(0.021, "  2.1%")]
    [InlineData(14.95, " 1495%")]
    [InlineData(384, "38400%")]
    [InlineData(1000, ">9999%")]
    [InlineData(-0.0001, "  0.0%")]
    public void Percentages_have_six_cells_and_are_not_cut(double share, string text) => Assert.Equal(text, Units.Percent(share));

    /// <summary>Whatever the value, it keeps its width.</summary>
    [Fact]
    public void A_value_changes_its_unit_and_not_its_width()
    {
        for (double value = 1e-10; value < 1e18; value *= 1.07)
        {
            Assert.Equal((5, 6, 6, 6), (Units.Number(value).Length, Units.Bytes(value).Length, Units.Time(value).Length, Units.Percent(value).Length));
            Assert.Equal(5, Units.Number(-value).Length);
        }
    }
}
