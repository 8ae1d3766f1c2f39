using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Tells whether the code changes what the C declares. Used only when a diagnostic is about to be reported, because it searches all of the code.</summary>
internal static class SpecEdits
{
    /// <summary>Returns true when any statement assigns to a member with that name.</summary>
    public static bool Sets(Compilation compilation, string member, CancellationToken stop)
        => compilation.SyntaxTrees.Any(tree => tree.GetRoot(stop).DescendantNodes().OfType<AssignmentExpressionSyntax>()
            .Any(assignment => assignment.Left is MemberAccessExpressionSyntax access && access.Name.Identifier.ValueText == member));
}
