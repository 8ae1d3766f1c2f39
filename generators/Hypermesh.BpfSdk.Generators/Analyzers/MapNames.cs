using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Tells whether the code names a map. Used only when a diagnostic is about to be reported, because it searches all of the code.</summary>
internal static class MapNames
{
    /// <summary>Returns true when any code has a member of that name, or a text that is the map's name in the C.</summary>
    public static bool Has(Compilation compilation, string property, string name, CancellationToken stop)
        => Tokens(compilation, stop).Any(token => IsText(token, name)
            || (token.IsKind(SyntaxKind.IdentifierToken) && token.ValueText == property
                && token.Parent is IdentifierNameSyntax { Parent: MemberAccessExpressionSyntax or MemberBindingExpressionSyntax or SubpatternSyntax or NameColonSyntax or BaseExpressionColonSyntax }));

    /// <summary>Returns true when any code has a text that is the map's name in the C.</summary>
    public static bool HasText(Compilation compilation, string name, CancellationToken stop) => Tokens(compilation, stop).Any(token => IsText(token, name));

    private static bool IsText(SyntaxToken token, string name) => token.IsKind(SyntaxKind.StringLiteralToken) && token.ValueText == name;

    private static IEnumerable<SyntaxToken> Tokens(Compilation compilation, CancellationToken stop)
        => compilation.SyntaxTrees.Where(static tree => !tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal)).SelectMany(tree => tree.GetRoot(stop).DescendantTokens());
}
