using Hypermesh.Bpf.Tests.Generator.Analyzers.Support;
using Hypermesh.Bpf.Tests.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.Bpf.Tests.Generator.Analyzers;

/// <summary>What is questionable in the C is told at its line.</summary>
public sealed class SourceCheckTests
{
    [Theory]
    [InlineData("HMBPF2501", "return XDP_PASS")]
    [InlineData("HMBPF2502", "bpf_printk(")]
    [InlineData("HMBPF2503", "bpf_ringbuf_reserve(")]
    [InlineData("HMBPF2504", "bpf_map_update_elem(")]
    [InlineData("HMBPF2011", "bpf_ringbuf_output(")]
    public void AtItsLine(string id, string line)
    {
        Diagnostic told = GeneratorRun.Of([Carrier($"Rules/{id}Wrong")]).Diagnostics.Single(found => found.Id == id);

        string c = RulePage.Of(id).Code("Wrong", "c")!;
        Assert.Equal(
            Array.FindIndex(c.Split('\n'), text => text.Contains(line, StringComparison.Ordinal)),
            told.Location.GetLineSpan().StartLinePosition.Line);
    }

    [Fact]
    public void EachRecordIsToldWithTheLineToWrite()
    {
        string[] told = [.. Records().Diagnostics.Where(found => found.Id == "HMBPF2503")
            .OrderBy(found => found.Location.GetLineSpan().StartLinePosition.Line)
            .Select(found => found.GetMessage(System.Globalization.CultureInfo.InvariantCulture))];

        Assert.Equal(4, told.Length);
        AssertSays(told[0], "Perf event array 'perf'", "'struct lost'", "Write HM_EVENT(struct lost); of <hypermesh/event.h> below the type.");
        AssertSays(told[1], "Ring buffer 'two_types'", "'struct first'", "Write HM_EVENT(struct first);");
        AssertSays(told[2], "Ring buffer 'two_types'", "'struct second'", "Write HM_EVENT(struct second);");
        AssertSays(told[3], "Ring buffer 'by_pointer'", "what 'pointed' points to", "Write __type(value, struct …); in the definition of 'by_pointer'");
    }

    [Fact]
    public void WhatHmEventNamesIsInTheSkeleton()
    {
        string code = Assert.Single(Records().Sources).SourceText.ToString();

        Assert.Contains("public partial struct Kept", code, StringComparison.Ordinal);
        Assert.Contains("public partial struct NamedT", code, StringComparison.Ordinal);
        Assert.DoesNotContain("struct Lost", code, StringComparison.Ordinal);
        Assert.DoesNotContain("hm_event", code, StringComparison.Ordinal);
    }

    [Fact]
    public void APaddedKeyIsToldWithItsBytes()
        => Assert.Contains(
            "'struct flow', has padding (bytes 6 to 7)",
            GeneratorRun.Of([Carrier("Rules/HMBPF2504Wrong")]).Diagnostics.Single(found => found.Id == "HMBPF2504").GetMessage(System.Globalization.CultureInfo.InvariantCulture),
            StringComparison.Ordinal);

    [Fact]
    public void AnEditorsViewOfTheCComputesNothing()
    {
        CarrierFile carrier = CarrierFile.Named("Events");
        var before = new CFile("int a;");
        GeneratorRun first = GeneratorRun.Of([carrier, before]);

        GeneratorRun second = first.AgainWith(before, new CFile("int b;"));

        Assert.All(
            second.Result.TrackedSteps.Values.SelectMany(steps => steps).SelectMany(step => step.Outputs),
            output => Assert.True(output.Reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, output.Reason.ToString()));
        Assert.Equal(first.Sources.Select(source => source.SourceText.ToString()), second.Sources.Select(source => source.SourceText.ToString()));
    }

    private static GeneratorRun Records() => GeneratorRun.Of([Carrier("Rules/Records")]);

    private static CarrierFile Carrier(string name) => new("/project/obj/bpf/x.bpf.elf.txt", CarrierFile.TextOf(name));

    private static void AssertSays(string message, params string[] parts)
        => Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));

    private sealed class CFile(string text) : AdditionalText
    {
        public override string Path => "/project/bpf/events.bpf.c";

        public override SourceText? GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
