using System.Collections.Immutable;
using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>
/// Names the type of a ring's records in the C. The diagnostic is reported in C#, where editors offer fixes; the C file is one of the
/// project's additional files, which a fix may change.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class EventTypeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [UsageIds.EventBytes];

    /// <summary>Returns null: two changes of one C file cannot be merged, and each ring is fixed once.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        Diagnostic diagnostic = context.Diagnostics[0];
        if (!diagnostic.Properties.TryGetValue("source", out string? source) || !diagnostic.Properties.TryGetValue("map", out string? map) || source is null || map is null)
        {
            return;
        }

        TextDocument? file = context.Document.Project.AdditionalDocuments.FirstOrDefault(document => IsFile(document.FilePath, source));
        if (file is null)
        {
            return;
        }

        SourceText text = await file.GetTextAsync(context.CancellationToken).ConfigureAwait(false);
        string? type = diagnostic.Properties.TryGetValue("type", out string? known) && known is not null ? known : CSource.RecordType(text.ToString(), map);
        if (type is not null && CSource.WithValueType(text, map, type) is { } changed)
        {
            context.RegisterCodeFix(
                CodeAction.Create(
                    $"Write __type(value, {type}); in {source}",
                    _ => Task.FromResult(context.Document.Project.Solution.WithAdditionalDocumentText(file.Id, changed)),
                    diagnostic.Id),
                diagnostic);
        }
    }

    // The carrier names the file relative to the project, with forward slashes.
    private static bool IsFile(string? path, string source)
        => path?.Replace('\\', '/') is { } full
            && full.EndsWith(source, StringComparison.Ordinal)
            && (full.Length == source.Length || full[full.Length - source.Length - 1] == '/');
}
