using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.Loader;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>The compiler takes declarations of generated members for lines of the C, and nothing else.</summary>
public sealed class SourcePlaceTests
{
    private const string Root = "../../../../../bpf/";

    // What is in no line of C: the groups, and what every value and every skeleton has.
    private static readonly HashSet<string> s_notInC =
    [
        "GlobalSet", "LinkSet", "MapSet", "ProgramSet", "Globals", "Links", "Maps", "Programs", "Text16", "ByteArray16", "Length",
    ];

    private static readonly string s_carriers = Path.Combine(
        typeof(SourcePlaceTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "SourceDirectory").Value!, "Carriers");

    [Fact]
    public void The_mapped_line_of_each_symbol_is_that_of_its_name_in_C()
    {
        CSharpCompilation whole = GeneratorRun.Of("Documented").Whole();
        List<ISymbol> symbols = [.. Members(whole.GetTypeByMetadataName("Carriers.Sample.Documented")!)];
        List<string> wrong = [];
        int mapped = 0;
        foreach (ISymbol symbol in symbols)
        {
            FileLinePositionSpan span = symbol.Locations.Single().GetMappedLineSpan();
            if (!span.HasMappedPath)
            {
                if (!s_notInC.Contains(symbol.Name))
                {
                    wrong.Add($"{symbol} is not mapped");
                }

                continue;
            }

            mapped++;
            Assert.StartsWith(Root, span.Path, StringComparison.Ordinal);
            string line = File.ReadLines(Path.Combine(s_carriers, span.Path[Root.Length..])).ElementAt(span.StartLinePosition.Line);
            if (!Names(line).Any(name => IsOf(symbol.Name, name)))
            {
                wrong.Add($"{symbol} is mapped to line {span.StartLinePosition.Line + 1}: {line}");
            }
        }

        Assert.Empty(wrong);
        Assert.True(mapped > 50, $"only {mapped} symbols");
    }

    [Fact]
    public void The_class_and_its_spec_are_mapped_to_the_file()
    {
        CSharpCompilation whole = GeneratorRun.Of("Documented").Whole();

        Assert.All(["Carriers.Sample.Documented", "Carriers.Sample.Documented+Spec"], name =>
        {
            FileLinePositionSpan span = whole.GetTypeByMetadataName(name)!.Locations.Single().GetMappedLineSpan();
            Assert.Equal((Root + "documented.bpf.c", 0), (span.Path, span.StartLinePosition.Line));
        });
    }

    [Fact]
    public void What_the_compiler_says_of_a_declaration_names_the_C()
    {
        const string Code = "namespace Carriers.Sample { public partial class Documented { public partial struct Event { public int Pid => 0; } } }";
        Diagnostic error = Assert.Single(
            GeneratorRun.Of([CarrierFile.Named("Documented")], Compilations.Of(Code)).Whole().GetDiagnostics(TestContext.Current.CancellationToken),
            diagnostic => diagnostic.Id == "CS0102");

        FileLinePositionSpan span = error.Location.GetMappedLineSpan();
        Assert.Equal((Root + "documented.bpf.c", 27), (span.Path, span.StartLinePosition.Line));
    }

    // What debuggers, stack traces and coverage go by.
    [Fact]
    public void Bodies_are_mapped_to_the_generated_file()
    {
        GeneratorRun run = GeneratorRun.Of("Documented");
        (_, MemoryStream symbols) = Emit(run);
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(symbols);
        MetadataReader reader = provider.GetMetadataReader();
        SourceText text = run.Sources.Single().SourceText;

        Assert.EndsWith("Carriers.Sample.Documented.g.cs", Assert.Single(reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name))));
        List<SequencePoint> points = [.. reader.MethodDebugInformation.SelectMany(handle => reader.GetMethodDebugInformation(handle).GetSequencePoints()).Where(point => !point.IsHidden)];
        Assert.True(points.Count > 100, $"only {points.Count} places");
        Assert.All(points, point =>
        {
            // A body of one line, or its brace: never a line that is between directives.
            Assert.InRange(point.EndLine, 1, text.Lines.Count);
            string before = text.Lines[Math.Max(point.StartLine - 2, 0)].ToString().Trim();
            Assert.False(Regex.IsMatch(before, @"^#line \d"), $"line {point.StartLine} is taken for C");
        });
    }

    [Fact]
    public void An_exception_names_the_generated_file()
    {
        (MemoryStream image, MemoryStream symbols) = Emit(GeneratorRun.Of("Documented"));
        Assembly assembly = new AssemblyLoadContext("Documented", isCollectible: true).LoadFromStream(image, symbols);
        MethodInfo open = assembly.GetType("Carriers.Sample.Documented")!.GetMethod("Open", [])!;

        // There is no resource in this assembly.
        Exception thrown = Assert.Throws<TargetInvocationException>(() => open.Invoke(null, null)).InnerException!;

        StackFrame[] frames = [.. new StackTrace(thrown, fNeedFileInfo: true).GetFrames().Where(frame => frame.GetMethod()!.Module.Assembly == assembly)];
        Assert.NotEmpty(frames);
        Assert.All(frames, frame => Assert.EndsWith("Carriers.Sample.Documented.g.cs", frame.GetFileName()));
    }

    [Fact]
    public void Without_notes_there_are_no_directives()
    {
        string text = Regex.Replace(CarrierFile.TextOf("Documented"), "^doc .*\n", "", RegexOptions.Multiline);
        GeneratorRun run = GeneratorRun.Of([new CarrierFile("/c", text)]);

        string code = run.Sources.Single().SourceText.ToString();
        Assert.DoesNotContain("#line", code, StringComparison.Ordinal);
        Assert.Contains("/// <summary>C: <c>__u32 pid</c>.</summary>", code, StringComparison.Ordinal);
        Assert.Empty(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
    }

    private static (MemoryStream Image, MemoryStream Symbols) Emit(GeneratorRun run)
    {
        var image = new MemoryStream();
        var symbols = new MemoryStream();
        EmitResult result = run.Whole().Emit(
            image, symbols, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb), cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        image.Position = 0;
        symbols.Position = 0;
        return (image, symbols);
    }

    private static IEnumerable<ISymbol> Members(INamedTypeSymbol type)
    {
        IEnumerable<ISymbol> own = type.GetMembers().Where(member => member is { DeclaredAccessibility: Accessibility.Public, IsImplicitlyDeclared: false });
        foreach (ISymbol member in own.Where(member => member is IFieldSymbol or IPropertySymbol or INamedTypeSymbol && member.Name is not "Spec"))
        {
            yield return member;
        }

        foreach (ISymbol member in type.GetTypeMembers().SelectMany(Members))
        {
            yield return member;
        }
    }

    private static IEnumerable<string> Names(string line) => Regex.Matches(line, @"\w+").Select(match => CSharpNames.ToPascalCase(match.Value));

    // What has no name in C is called after its place, which ends in the name of the field it is.
    private static bool IsOf(string symbol, string name) => symbol == name || symbol == name + "HostOrder" || symbol == name + "Type" || (symbol == "EventAddress" && name == "Address");
}
