using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Passes a token that is in scope to a reader.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class TokenFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public TokenFix()
        : base(UsageIds.EndlessReader)
    {
    }

    private protected override async Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        if (CallAt(place) is not { } call || await document.GetSemanticModelAsync(stop).ConfigureAwait(false) is not { } model)
        {
            return null;
        }

        ISymbol? token = model.LookupSymbols(call.SpanStart).FirstOrDefault(symbol => symbol switch
        {
            IParameterSymbol parameter => IsToken(parameter.Type),
            ILocalSymbol local => IsToken(local.Type) && local.Locations[0].SourceSpan.Start < call.SpanStart,
            _ => false,
        });
        return token is null
            ? null
            : new Change(
                $"End it with '{token.Name}'",
                root.ReplaceNode(call.ArgumentList, call.ArgumentList.AddArguments(SyntaxFactory.Argument(SyntaxFactory.IdentifierName(token.Name)))));
    }

    private static bool IsToken(ITypeSymbol type) => type is { Name: "CancellationToken", ContainingNamespace.Name: "Threading" };
}
