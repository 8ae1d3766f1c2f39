using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.Compilation;

/// <summary>Parameters are documented, and a value is checked before anything changes.</summary>
public sealed class BpfParameterTests
{
    private readonly BpfObjectSpec _runqlat = BpfTemplate.Find("runqlat")!.ReadSpec();

    [Fact]
    public void Every_template_documents_its_parameters()
        => Assert.All(BpfTemplate.All, static template =>
        {
            Assert.NotEmpty(template.Description);
            Assert.NotEmpty(template.Parameters);
            Assert.All(template.Parameters, static one => Assert.NotEmpty(one.Description));
            Assert.All(template.Parameters, static one => Assert.True(one.Least <= one.Most));
            Assert.All(template.Parameters, static one => Assert.NotEmpty(one.Default));
            Assert.Same(template, BpfTemplate.Find(template.Name));
        });

    [Fact]
    public void A_parameter_has_name_type_range_default_and_description()
    {
        BpfParameter one = BpfParameter.Of(_runqlat).Single(static parameter => parameter.Name == "min_us");

        Assert.Equal(("unsigned long long", 0, 60_000_000, "0", "Only waits of at least this many microseconds"), (one.TypeName, one.Least, one.Most, one.Default, one.Description));
    }

    [Fact]
    public void Positions_of_arguments_are_not_parameters()
        => Assert.DoesNotContain(BpfParameter.Of(_runqlat), static parameter => parameter.Name.StartsWith("hm_", StringComparison.Ordinal));

    [Theory]
    [InlineData("min_us", "60000000", 60_000_000)]
    [InlineData("min_us", "0x10", 16)]
    [InlineData("pid", "0xff", 255)]
    public void A_value_is_written_into_the_constants(string name, string text, ulong expected)
    {
        BpfParameter.Set(_runqlat, [new(name, text)]);

        BpfDataSectionSpec section = _runqlat.SectionOf(name, out int offset);
        Assert.Equal(expected, name == "pid" ? section.Read<uint>(offset) : section.Read<ulong>(offset));
        BpfParameter one = BpfParameter.Of(_runqlat).Single(parameter => parameter.Name == name);
        Assert.Equal($"{expected}", one.Value);
    }

    [Theory]
    [InlineData("min_us", "60000001", "Parameter min_us of runqlat cannot be '60000001': it is from 0 to 60000000. Only waits of at least this many microseconds.")]
    [InlineData("min_us", "-1", "Parameter min_us of runqlat cannot be '-1': it is from 0 to 60000000. Only waits of at least this many microseconds.")]
    [InlineData("min_us", "99999999999999999999999999", "Parameter min_us of runqlat cannot be '99999999999999999999999999': it is from 0 to 60000000. Only waits of at least this many microseconds.")]
    [InlineData("min_us", "1; int x", "Parameter min_us of runqlat cannot be '1; int x': it is a whole number, also as 0x…. Only waits of at least this many microseconds.")]
    [InlineData("min_us", "", "Parameter min_us of runqlat cannot be '': it is a whole number, also as 0x…. Only waits of at least this many microseconds.")]
    [InlineData("min_ms", "1", "runqlat has no parameter 'min_ms'; it has pid, min_us.")]
    public void A_wrong_value_is_refused_and_nothing_is_set(string name, string text, string message)
    {
        byte[] before = _runqlat.DataSection(".rodata").Image.ToArray();

        BpfException refusal = Assert.Throws<BpfException>(() => BpfParameter.Set(_runqlat, [new("pid", "7"), new(name, text)]));

        Assert.Equal(message, refusal.Message);
        Assert.Equal(before, _runqlat.DataSection(".rodata").Image.ToArray());
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("False", false)]
    [InlineData("1", true)]
    public void A_boolean_is_a_word_or_a_number(string text, bool expected)
    {
        BpfObjectSpec spec = BpfTemplate.Find("opensnoop")!.ReadSpec();

        BpfParameter.Set(spec, [new("failed", text)]);

        Assert.Equal(expected, spec.SectionOf("failed", out int offset).Read<bool>(offset));
        Assert.Throws<BpfException>(() => BpfParameter.Set(spec, [new("failed", "2")]));
    }
}
