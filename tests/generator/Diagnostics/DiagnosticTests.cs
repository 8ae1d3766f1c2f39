using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator.Diagnostics;

/// <summary>Bad input: one clear diagnostic with its place, no code, never a crash.</summary>
public sealed class DiagnosticTests
{
    private const string CarrierPath = "/project/obj/bpf/x.bpf.elf.txt";

    [Theory]
    [InlineData("NoBtf", "HMBPF2004", "bpf/minimal.bpf.c")]
    [InlineData("BigEndian", "HMBPF2010", "bpf/minimal.bpf.c")]
    [InlineData("Empty", "HMBPF2005", "bpf/empty.bpf.c")]
    [InlineData("Undeclared", "HMBPF2014", "bpf/undeclared.bpf.c")]
    [InlineData("Untyped", "HMBPF2014", "bpf/untyped.bpf.c")]
    [InlineData("UndeclaredInner", "HMBPF2014", "bpf/undeclaredinner.bpf.c")]
    public void An_object_that_cannot_be_a_skeleton_is_reported_at_its_source(string carrier, string id, string path)
        => AssertRefused(CarrierFile.TextOf(carrier), id, path);

    [Fact]
    public void An_object_with_maps_and_no_program_is_a_skeleton()
    {
        GeneratorRun run = GeneratorRun.Of("NoPrograms");

        Assert.Empty(run.Diagnostics);
        Assert.Contains("BpfArrayMap<ulong> Values", Assert.Single(run.Sources).SourceText.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_reported_at_the_carrier() => AssertRefused(null, "HMBPF2001", CarrierPath);

    [Theory]
    [InlineData("", CarrierPath)]
    [InlineData("something else\n", CarrierPath)]
    [InlineData("hypermesh-bpf-carrier 2\nsource a.bpf.c\n\nAAAA\n", CarrierPath)]
    [InlineData("hypermesh-bpf-carrier 1\n", CarrierPath)]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nnonsense\n\nAAAA\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nclass A\n\nAAAA\n", CarrierPath)]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\n\nAAAA\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nresource r\n\nAAAA\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\nresource r\naccessibility secret\nsha256 0\n\nAAAA\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\nresource r\nsha256 0\n\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\nresource r\nsha256 0\n\nnot base64!\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\nresource r\nsha256 0\n\nAAA\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\nresource r\n\nAAAA\n", "a.bpf.c")]
    [InlineData("hypermesh-bpf-carrier 1\nsource a.bpf.c\nclass A\nresource r\nsha256 0\n\nAAAA\n", "a.bpf.c")]
    public void A_damaged_carrier_is_reported(string text, string path) => AssertRefused(text, "HMBPF2002", path);

    [Theory]
    [InlineData("AAAA")]
    [InlineData("f0VMRgIBAQAAAAAAAAAAAAEA9wABAAAA")]
    public void A_damaged_object_is_reported_at_its_source(string base64)
        => AssertRefused(CarrierWriter.Text(CarrierWriter.Header(new Carrier("a.bpf.c", "", "A", "public", "r", [])), [], Convert.FromBase64String(base64)), "HMBPF2003", "a.bpf.c");

    [Theory]
    [InlineData("namespace Carriers.Sample", "namespace Carriers.2nd")]
    [InlineData("namespace Carriers.Sample", "namespace Carriers..Sample")]
    [InlineData("class Events", "class class")]
    [InlineData("class Events", "class My-Events")]
    [InlineData("class Events", "class record")]
    [InlineData("class Events", "class Maps")]
    [InlineData("class Events", "class Equals")]
    public void An_invalid_name_is_reported(string header, string changed)
        => AssertRefused(CarrierFile.TextOf("Events").Replace(header, changed, StringComparison.Ordinal), "HMBPF2006", "bpf/events.bpf.c");

    [Theory]
    [InlineData("Console", "System.Console")]
    [InlineData("File", "System.IO.File")]
    [InlineData("Monitor", "System.Threading.Monitor")]
    public void A_skeleton_named_as_a_type_that_every_file_sees_is_reported(string name, string type)
    {
        string carrier = CarrierFile.TextOf("Events").Replace("class Events", "class " + name, StringComparison.Ordinal);

        Microsoft.CodeAnalysis.Diagnostic told = Assert.Single(GeneratorRun.Of([new CarrierFile("/x", carrier)]).Diagnostics, found => found.Id == "HMBPF2015");

        string message = told.GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(type, message, StringComparison.Ordinal);
        Assert.Contains($"<BpfCompile Update=\"bpf/events.bpf.c\" ClassName=\"{name}Program\" />", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sources_of_one_class_are_reported_at_both()
    {
        string other = CarrierFile.TextOf("Sums").Replace("source bpf/sums.bpf.c", "source other/sums.bpf.c", StringComparison.Ordinal);

        GeneratorRun run = GeneratorRun.Of([CarrierFile.Named("Sums"), new CarrierFile("/other", other)]);

        Assert.Single(run.Sources);
        Assert.Equal(
            ["bpf/sums.bpf.c HMBPF2007", "other/sums.bpf.c HMBPF2007"],
            run.Diagnostics.Select(found => $"{PathOf(found)} {found.Id}").Order());
    }

    [Fact]
    public void Clashing_names_are_reported_at_both_lines()
    {
        GeneratorRun run = GeneratorRun.Of("Clashes");

        GoldenFile.Check("Clashes.diagnostics", string.Concat(run.Diagnostics.Select(found => found + "\n").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void What_clang_leaves_out_of_the_object_is_a_warning_at_its_line()
    {
        GeneratorRun run = GeneratorRun.Of("Dropped");

        Assert.Equal(
            [
                "bpf/dropped.bpf.c(1) HMBPF2009: field 'struct held.complex' is left out: clang leaves its type out of BTF.",
                "bpf/dropped.bpf.c(28) HMBPF2009: variable 'total' is left out: clang leaves its type out of BTF.",
            ],
            run.Diagnostics.Select(Shown).Order(StringComparer.Ordinal));
        Assert.All(run.Diagnostics, found => Assert.Equal(DiagnosticSeverity.Warning, found.DefaultSeverity));
        Assert.Single(run.Sources);
    }

    [Theory]
    [InlineData("9\t3\t\t", "bpf/dropped.bpf.c(9)")]
    [InlineData("5\t3\tbpf/held.h\t", "bpf/held.h(5)")]
    public void A_member_is_reported_where_it_is_declared(string place, string expected)
    {
        // Another struct has a member of that name.
        string docs = $"accessibility public\ndoc struct held.complex\t{place}\ndoc struct other.complex\t20\t3\t\t\n";
        string text = CarrierFile.TextOf("Dropped").Replace("accessibility public\n", docs, StringComparison.Ordinal);

        GeneratorRun run = GeneratorRun.Of([new CarrierFile("/c", text)]);

        Assert.Contains($"{expected} HMBPF2009: field 'struct held.complex' is left out: clang leaves its type out of BTF.", run.Diagnostics.Select(Shown));
    }

    [Fact]
    public void A_map_is_reported_where_it_is_declared()
    {
        string text = CarrierFile.TextOf("UndeclaredInner").Replace("accessibility public\n", "accessibility public\ndoc outer\t21\t3\t\t\n", StringComparison.Ordinal);

        Diagnostic found = Assert.Single(GeneratorRun.Of([new CarrierFile("/c", text)]).Diagnostics);

        Assert.StartsWith("bpf/undeclaredinner.bpf.c(21) HMBPF2014: ", Shown(found), StringComparison.Ordinal);
        Assert.Contains("write HM_EVENT(struct total); of <hypermesh/event.h>", found.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_that_could_not_be_made_can_be_named()
    {
        GeneratorRun run = GeneratorRun.Of(
            [CarrierFile.Named("Undeclared")], Compilations.Of("global using Carriers.Sample;\ninternal static class User { internal static Undeclared? Field => null; }\n"));

        Assert.Empty(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Events_that_cannot_be_told_apart_are_reported_with_the_reason()
    {
        GeneratorRun run = GeneratorRun.Of("BadEvents");

        GoldenFile.Check("BadEvents.diagnostics", string.Concat(run.Diagnostics.Select(found => found + "\n").Order(StringComparer.Ordinal)));
        Assert.All(run.Diagnostics, found => Assert.Equal(DiagnosticSeverity.Error, found.Severity));
    }

    [Fact]
    public void A_ring_that_does_not_count_its_drops_is_a_hint()
    {
        Diagnostic found = Assert.Single(GeneratorRun.Of("Events").Diagnostics, static found => found.Id == "HMBPF2011");

        Assert.Equal(DiagnosticSeverity.Info, found.Severity);
        Assert.Contains("'raw_bytes'", found.GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_additional_files_are_not_touched()
    {
        GeneratorRun run = GeneratorRun.Of([new OtherFile()]);

        Assert.Empty(run.Diagnostics);
        Assert.Empty(run.Sources);
    }

    private static void AssertRefused(string? text, string id, string path)
    {
        GeneratorRun run = GeneratorRun.Of([new CarrierFile(CarrierPath, text)]);

        Diagnostic found = Assert.Single(run.Diagnostics);
        Assert.Equal(id, found.Id);
        Assert.Equal(DiagnosticSeverity.Error, found.Severity);
        Assert.Equal(path, PathOf(found));
        // At most an empty class, so that its absence is not a second error.
        Assert.All(run.Sources, source => Assert.Contains("It has no members because of the errors of this build", source.SourceText.ToString(), StringComparison.Ordinal));
        Assert.Empty(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
        Assert.Null(run.Result.Exception);
    }

    private static string Shown(Diagnostic found)
    {
        string message = found.GetMessage();
        int advice = message.IndexOf(" If C# does not need", StringComparison.Ordinal);
        return $"{PathOf(found)}({found.Location.GetLineSpan().StartLinePosition.Line + 1}) {found.Id}: {(advice < 0 ? message : message[..advice])}";
    }

    private static string PathOf(Diagnostic diagnostic) => diagnostic.Location.GetLineSpan().Path;

    private sealed class OtherFile : AdditionalText
    {
        public override string Path => "/project/other.txt";

        public override Microsoft.CodeAnalysis.Text.SourceText? GetText(CancellationToken cancellationToken = default)
            => throw new InvalidOperationException("nobody should read this");
    }
}
