using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Metrics;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Metrics;

/// <summary>The tags of a C file: what they declare, where the values are, and which cannot be used.</summary>
public sealed class MetricTagTests
{
    [Fact]
    public void Each_tag_has_its_value_and_the_attributes_of_its_key()
    {
        MetricTags tags = MetricTagReader.Read(Spec());

        Assert.Equal(
            [
                "counter unit.by_index in map by_index: 0, 4 bytes by key Number 0+4",
                "counter unit.drops {packet} in map by_flow: 12, 2 bytes by comm Text 0+8, verdict Constant 8+4 signed, to.address Number 12+4 of the network, "
                    + "to.port Number 16+2 of the network, to.mac Bytes 18+2, local Boolean 20+1, zone Number 22+2 signed, cookie Number 24+8",
                "counter unit.errors in .bss: 8, 8 bytes",
                "counter unit.hidden in .bss: 0, 4 bytes",
                "counter unit.packets {packet} (Packets of a flow) in map by_flow: 0, 8 bytes by comm Text 0+8, verdict Constant 8+4 signed, to.address Number 12+4 of the network, "
                    + "to.port Number 16+2 of the network, to.mac Bytes 18+2, local Boolean 20+1, zone Number 22+2 signed, cookie Number 24+8",
                "counter unit.total By (All\tbytes) in .bss: 0, 8 bytes",
                "gauge unit.level in .data: 0, 1 bytes signed",
                "gauge unit.limit in .rodata: 0, 2 bytes",
                "gauge unit.queue in map by_flow: 8, 4 bytes signed by comm Text 0+8, verdict Constant 8+4 signed, to.address Number 12+4 of the network, "
                    + "to.port Number 16+2 of the network, to.mac Bytes 18+2, local Boolean 20+1, zone Number 22+2 signed, cookie Number 24+8",
                "gauge unit.single in map single: 0, 8 bytes by key Number 0+4",
            ],
            tags.Metrics.Select(WithoutPlace).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_variable_is_at_the_place_of_its_symbol()
    {
        BpfObjectSpec spec = Spec();
        BpfDataSectionSpec section = spec.DataSection(".bss");

        Dictionary<string, MetricDefinition> metrics = MetricTagReader.Read(spec).Metrics.Where(metric => metric.Section == section).ToDictionary(static metric => metric.Tag.Name);

        Assert.Equal(section.FindVariable("total")!.Offset, metrics["unit.total"].Value.Offset);
        Assert.Equal(section.FindVariable("hidden")!.Offset, metrics["unit.hidden"].Value.Offset);
        Assert.Equal(section.FindVariable("totals")!.Offset + 8, metrics["unit.errors"].Value.Offset);
    }

    [Fact]
    public void What_cannot_be_used_is_named_with_the_remedy()
        => Assert.Equal(
            new MetricFault("wrong", "HM_COUNTER(\"unit.wrong\")", "variable 'wrong'", "it is an array. Count in a map of type BPF_MAP_TYPE_ARRAY, which has a measurement for each index"),
            Assert.Single(MetricTagReader.Read(Spec()).Faults));

    [Fact]
    public void A_size_that_the_spec_changed_is_a_fault()
    {
        BpfObjectSpec spec = Spec();
        spec.Map("by_index").ValueSize = 16;

        Assert.Contains(
            MetricTagReader.Read(spec).Faults,
            static fault => fault.Problem == "the spec gives its value 16 bytes, and the type in the C has 4. Leave ValueSize as it is");
    }

    [Fact]
    public void An_object_without_tags_has_none()
    {
        MetricTags tags = MetricTagReader.Read(BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small"));

        Assert.Empty(tags.Metrics);
        Assert.Empty(tags.Faults);
    }

    [Theory]
    [InlineData("hypermesh.counter:a", true, "a", "", "")]
    [InlineData("hypermesh.gauge:a\tBy", false, "a", "By", "")]
    [InlineData("hypermesh.gauge:a\tBy\tone\ttwo", false, "a", "By", "one\ttwo")]
    public void A_tag_has_a_name_a_unit_and_a_description(string text, bool isCounter, string name, string unit, string description)
        => Assert.Equal(new MetricTag(isCounter, name, unit, description), MetricTag.Read(text));

    [Theory]
    [InlineData("hypermesh.records:struct a")]
    [InlineData("hypermesh.counters:a")]
    [InlineData("")]
    public void Other_tags_are_left_alone(string text) => Assert.Null(MetricTag.Read(text));

    [Theory]
    [InlineData("a", true)]
    [InlineData("http.server.request-count/v2_x", true)]
    [InlineData("", false)]
    [InlineData("1a", false)]
    [InlineData("_a", false)]
    [InlineData("a b", false)]
    [InlineData("ä", false)]
    [InlineData("a{b}", false)]
    public void A_name_is_one_of_OpenTelemetry(string name, bool isValid) => Assert.Equal(isValid, new MetricTag(true, name, "", "").Fault is null);

    [Fact]
    public void Names_and_units_have_a_greatest_length()
    {
        Assert.Null(new MetricTag(true, new string('a', 255), new string('u', 63), "").Fault);
        Assert.Contains("at most 255 letters", new MetricTag(true, new string('a', 256), "", "").Fault, StringComparison.Ordinal);
        Assert.Contains("its unit has 64 characters", new MetricTag(true, "a", new string('u', 64), "").Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, true, false, -2)]
    [InlineData(1, false, false, 254)]
    [InlineData(2, false, true, 0xfefd)]
    [InlineData(2, true, false, -514)]
    [InlineData(4, false, false, 0xfbfcfdfe)]
    [InlineData(8, true, false, -506380101714379266)]
    [InlineData(8, false, false, long.MaxValue)]
    public void Integers_of_all_widths_are_read(int size, bool isSigned, bool isNetworkOrder, long expected)
    {
        var integer = new MetricInteger(1, size, isSigned, isNetworkOrder);

        Assert.Equal(expected, integer.ToLong(integer.Read([0, 0xfe, 0xfd, 0xfc, 0xfb, 0xfa, 0xf9, 0xf8, 0xf8, 0])));
    }

    [Fact]
    public void Structs_that_contain_each_other_many_times_end_the_search()
    {
        var builder = new BtfBuilder();
        int integer = builder.Int("int", 4);
        int inner = builder.Struct("leaf", 4, ("number", integer, 0));
        for (int level = 0; level < 40; level++)
        {
            inner = builder.Struct($"level{level}", 4, ("one", inner, 0), ("two", inner, 0));
        }

        BtfTypes types = builder.Types();
        MetricAttributeReader.Read(types, inner, out string? fault);
        var places = new StructPlaces(types);
        places.Add(inner, new MetricHolder(null, null, 0));

        Assert.Contains("Use a smaller key", fault, StringComparison.Ordinal);
        Assert.Equal(2, places.Of(types.Find("leaf", BtfKind.Struct)).Count);
    }

    [Fact]
    public void A_struct_that_contains_itself_ends_the_search()
    {
        var builder = new BtfBuilder();
        int self = builder.Add(BtfKind.Struct, "self", 1, 8, builder.String("self"), 1, 0);
        BtfTypes types = builder.Types();

        MetricAttributeReader.Read(types, self, out string? fault);
        var places = new StructPlaces(types);
        places.Add(self, new MetricHolder(null, null, 0));

        Assert.NotNull(fault);
        Assert.Equal(2, places.Of(self).Count);
    }

    private static BpfObjectSpec Spec() => BpfObjectSpec.Read(TestData.Bytes("metrics.bpf.o"), "metrics");

    // The place in .bss is the linker's business; the offset within it is checked against the symbols.
    private static string WithoutPlace(MetricDefinition metric)
    {
        MetricTag tag = metric.Tag;
        string unit = tag.Unit.Length > 0 ? " " + tag.Unit : "";
        string description = tag.Description.Length > 0 ? $" ({tag.Description})" : "";
        string attributes = string.Join(", ", metric.Attributes.Select(static one =>
            $"{one.Name} {one.Kind} {one.Place.Offset}+{one.Place.Size}{(one.Place.IsSigned ? " signed" : "")}{(one.Place.IsNetworkOrder ? " of the network" : "")}"));
        int offset = metric.Section is { } section ? metric.Value.Offset - section.Variables.Last(variable => variable.Offset <= metric.Value.Offset).Offset : metric.Value.Offset;
        return $"{(tag.IsCounter ? "counter" : "gauge")} {tag.Name}{unit}{description} in {(metric.Map is { } map ? $"map {map.Name}" : metric.Section!.Name)}: {offset}, "
            + $"{metric.Value.Size} bytes{(metric.Value.IsSigned ? " signed" : "")}{(attributes.Length > 0 ? " by " + attributes : "")}";
    }
}
