using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>A project as strict as any user's: warnings are errors, nullable, documentation, no unsafe code, no implicit usings.</summary>
internal static class Compilations
{
    public static readonly CSharpParseOptions ParseOptions = new(LanguageVersion.Latest, DocumentationMode.Diagnose);

    private static readonly Lazy<MetadataReference[]> s_references = new(FindReferences);

    public static CSharpCompilation Empty() => Of();

    public static CSharpCompilation Of(params string[] sources) => CSharpCompilation.Create(
        "User",
        sources.Select(source => CSharpSyntaxTree.ParseText(source, ParseOptions)),
        s_references.Value,
        new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary,
            nullableContextOptions: NullableContextOptions.Enable,
            generalDiagnosticOption: ReportDiagnostic.Error,
            warningLevel: 9999,
            allowUnsafe: false));

    // The framework and the library, and nothing else that happens to lie beside the tests.
    private static MetadataReference[] FindReferences()
    {
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        string[] library = ["Hypermesh.Bpf.dll", "Hypermesh.Bpf.Objects.dll", "Microsoft.Extensions.Logging.Abstractions.dll"];
        return ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetDirectoryName(path) == framework || library.Contains(Path.GetFileName(path)))
            .Select(path => (MetadataReference)MetadataReference.CreateFromFile(path))
            .ToArray();
    }
}
