using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Attaches the programs of an object right after its load.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class AttachFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public AttachFix()
        : base(UsageIds.NeverAttached)
    {
    }

    private protected override Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        // At Attach() itself only the author knows the target of the program.
        Change? change = CallAt(place) is { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Load" } } call
            && call.FirstAncestorOrSelf<LocalDeclarationStatementSyntax>() is { Declaration.Variables: { Count: 1 } variables } declaration
            && Statements.IsInList(declaration)
                ? new Change("Attach the programs", Statements.After(root, declaration, Statements.Parse($"{variables[0].Identifier.ValueText}.Attach();")))
                : null;
        return Task.FromResult(change);
    }
}
