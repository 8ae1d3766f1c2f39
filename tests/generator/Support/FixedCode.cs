extern alias fixes;
using System.Collections.Immutable;
using fixes::Hypermesh.BpfSdk.CodeFixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>Applies what an editor would offer.</summary>
internal static class FixedCode
{
    /// <summary>Every fix of the assembly.</summary>
    public static CodeFixProvider[] Fixes { get; } =
    [
        .. typeof(UsageFix).Assembly.GetTypes()
            .Where(type => type is { IsAbstract: false } && typeof(CodeFixProvider).IsAssignableFrom(type))
            .Select(type => (CodeFixProvider)Activator.CreateInstance(type)!),
    ];

    /// <summary>The file after the first fix of the first diagnostic of an id; null when there is none.</summary>
    public static async Task<string?> Of(string file, string id)
    {
        (Solution before, DocumentId document, _) = Open(file, null);
        return await Apply(before, document, id) is { } after
            ? (await after.GetDocument(document)!.GetTextAsync(TestContext.Current.CancellationToken)).ToString()
            : null;
    }

    /// <summary>The C file after the first fix of the first diagnostic of an id; null when there is none.</summary>
    public static async Task<string?> OfC(string file, string id, string cSource)
    {
        (Solution before, DocumentId document, DocumentId? c) = Open(file, cSource);
        return await Apply(before, document, id) is { } after
            ? (await after.GetAdditionalDocument(c!)!.GetTextAsync(TestContext.Current.CancellationToken)).ToString()
            : null;
    }

    private static async Task<Solution?> Apply(Solution before, DocumentId id, string rule)
    {
        CancellationToken stop = TestContext.Current.CancellationToken;
        Document document = before.GetDocument(id)!;
        var compilation = (CSharpCompilation)(await document.Project.GetCompilationAsync(stop))!;
        Diagnostic told = (await UserCode.Analyze(compilation)).First(found => found.Id == rule);
        CodeFixProvider? fix = Fixes.SingleOrDefault(provider => provider.FixableDiagnosticIds.Contains(rule));
        if (fix is null)
        {
            return null;
        }

        CodeAction? action = null;
        await fix.RegisterCodeFixesAsync(new CodeFixContext(document, told, (offered, _) => action ??= offered, stop));
        ImmutableArray<CodeActionOperation> operations = action is null ? [] : await action.GetOperationsAsync(stop);
        return operations.OfType<ApplyChangesOperation>().SingleOrDefault()?.ChangedSolution;
    }

    // A project as an editor has it: the generated code is one of its documents here, the C an additional one.
    private static (Solution Solution, DocumentId File, DocumentId? C) Open(string file, string? cSource)
    {
        CSharpCompilation whole = UserCode.Compile(file);
        Project project = new AdhocWorkspace().CurrentSolution
            .AddProject("User", "User", LanguageNames.CSharp)
            .WithCompilationOptions(whole.Options)
            .WithParseOptions(Compilations.ParseOptions)
            .WithMetadataReferences(whole.References);
        Document document = project.AddDocument("User.cs", SourceText.From(file));
        foreach (SyntaxTree generated in whole.SyntaxTrees.Where(static tree => tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)))
        {
            document = document.Project.AddDocument(Path.GetFileName(generated.FilePath), generated.GetText()).Project.GetDocument(document.Id)!;
        }

        if (cSource is null)
        {
            return (document.Project.Solution, document.Id, null);
        }

        TextDocument c = document.Project.AddAdditionalDocument("traffic.bpf.c", SourceText.From(cSource), filePath: "/project/bpf/traffic.bpf.c");
        return (c.Project.Solution, document.Id, c.Id);
    }
}
