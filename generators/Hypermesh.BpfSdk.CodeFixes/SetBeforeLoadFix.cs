using System.Composition;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Hypermesh.BpfSdk.CodeFixes;

/// <summary>Moves a setting of a spec before the statement that loads it.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp)]
[Shared]
public sealed class SetBeforeLoadFix : UsageFix
{
    /// <summary>Creates the fix.</summary>
    public SetBeforeLoadFix()
        : base(UsageIds.ChangedAfterLoad)
    {
    }

    private protected override Task<Change?> FindAsync(Document document, SyntaxNode root, SyntaxNode place, CancellationToken stop)
    {
        if (place.FirstAncestorOrSelf<ExpressionStatementSyntax>() is not { Expression: AssignmentExpressionSyntax assignment } setting
            || !Statements.IsInList(setting)
            || VariableOf(assignment.Left) is not { } spec
            || LoadBefore(setting, spec) is not { } load
            || UsesLaterVariable(setting, load))
        {
            return Task.FromResult<Change?>(null);
        }

        SyntaxNode tracked = root.TrackNodes(setting, load);
        tracked = Statements.Without(tracked, tracked.GetCurrentNode(setting)!);
        tracked = Statements.Before(tracked, tracked.GetCurrentNode(load)!, Statements.Parse(setting.WithoutTrivia().ToString()));
        return Task.FromResult<Change?>(new Change("Set it before Load", tracked));
    }

    private static IdentifierNameSyntax? VariableOf(ExpressionSyntax target)
    {
        ExpressionSyntax current = target;
        while (current is MemberAccessExpressionSyntax access)
        {
            current = access.Expression;
        }

        return current as IdentifierNameSyntax;
    }

    private static StatementSyntax? LoadBefore(StatementSyntax setting, IdentifierNameSyntax spec)
        => Siblings(setting).TakeWhile(other => other != setting).FirstOrDefault(other => other.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
            .Any(access => access.Name.Identifier.ValueText == "Load" && access.Expression is IdentifierNameSyntax name && name.Identifier.ValueText == spec.Identifier.ValueText));

    // A value that is computed between the two statements cannot move before the load.
    private static bool UsesLaterVariable(StatementSyntax setting, StatementSyntax load)
    {
        var made = new HashSet<string>(
            Siblings(setting).SkipWhile(other => other != load).TakeWhile(other => other != setting)
                .SelectMany(static other => other.DescendantNodesAndSelf().OfType<VariableDeclaratorSyntax>()).Select(static variable => variable.Identifier.ValueText),
            StringComparer.Ordinal);
        return setting.DescendantNodes().OfType<IdentifierNameSyntax>().Any(name => made.Contains(name.Identifier.ValueText));
    }

    private static IEnumerable<StatementSyntax> Siblings(StatementSyntax statement) => statement.Parent switch
    {
        BlockSyntax block => block.Statements,
        GlobalStatementSyntax { Parent: CompilationUnitSyntax unit } => unit.Members.OfType<GlobalStatementSyntax>().Select(static member => member.Statement),
        _ => [],
    };
}
