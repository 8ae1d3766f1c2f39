using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Whether the code sets what the C declares. Used only when a diagnostic is about to be reported, since it looks at all of the code.</summary>
internal static class SpecEdits
{
    /// <summary>True when anything assigns to a member of that name.</summary>
    public static bool Sets(Compilation compilation, string member, CancellationToken stop)
        => compilation.SyntaxTrees.Any(tree => tree.GetRoot(stop).DescendantNodes().OfType<AssignmentExpressionSyntax>()
            .Any(assignment => assignment.Left is MemberAccessExpressionSyntax access && access.Name.Identifier.ValueText == member));
}
