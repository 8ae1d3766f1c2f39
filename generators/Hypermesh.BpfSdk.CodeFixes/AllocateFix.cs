using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Allocates memory for per-CPU values.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class AllocateFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public AllocateFix()
        : base(UsageIds.NoRoom)
    {
    }

    private protected override async Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        ExpressionSyntax? value = place as ExpressionSyntax ?? (place as ArgumentSyntax)?.Expression;
        if (value is null || await document.GetSemanticModelAsync(stop).ConfigureAwait(false) is not { } model || model.GetTypeInfo(value, stop).ConvertedType is not { } type)
        {
            return null;
        }

        string name = type.ToMinimalDisplayString(model, value.SpanStart);
        return new Change("Allocate memory for the values", root.ReplaceNode(value, SyntaxFactory.ParseExpression($"{name}.Allocate()").WithTriviaFrom(value)));
    }
}
