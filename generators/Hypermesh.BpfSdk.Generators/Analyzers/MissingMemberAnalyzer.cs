using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>
/// Reports members that the compiler does not find, or does not let the code set, because they exist only before or only after <c>Load</c>, because they are static in C or have another name in C#, or because the library names them otherwise
/// (<see cref="ExpectedMembers"/>). It reports nothing where the compiler reports nothing.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class MissingMemberAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public MissingMemberAnalyzer()
        : base(UsageDescriptors.MissingMember)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var objects = new SkeletonObjects(context.Options);
        context.RegisterSyntaxNodeAction(node => AnalyzeAccess(node, types, objects), SyntaxKind.SimpleMemberAccessExpression);
        context.RegisterSyntaxNodeAction(node => AnalyzeUsing(node, types), SyntaxKind.VariableDeclarator);
    }

    private static void AnalyzeAccess(SyntaxNodeAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        var access = (MemberAccessExpressionSyntax)context.Node;
        SymbolInfo found = context.SemanticModel.GetSymbolInfo(access, context.CancellationToken);
        if (found.Symbol is not null || (found.CandidateReason != CandidateReason.NotAVariable && !found.CandidateSymbols.IsEmpty))
        {
            return;
        }

        ITypeSymbol? receiver = context.SemanticModel.GetTypeInfo(access.Expression, context.CancellationToken).Type;
        if (ExpectedMembers.Explain(receiver, access.Expression.ToString(), access.Name.Identifier.ValueText, types) is { } other)
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.MissingMember, access.Name.GetLocation(), other));
            return;
        }

        // Of forks.Maps.Events.MaxEntries, the names after the skeleton or spec.
        var names = new List<string>();
        ExpressionSyntax root = access;
        ITypeSymbol? type = null;
        while (root is MemberAccessExpressionSyntax member)
        {
            names.Insert(0, member.Name.Identifier.ValueText);
            root = member.Expression;
            type = context.SemanticModel.GetTypeInfo(root, context.CancellationToken).Type;
            if (KnownTypes.Is(type, types.Skeleton) || KnownTypes.Is(type, types.SkeletonSpec))
            {
                break;
            }
        }

        if (type is INamedTypeSymbol named && Explain(context, named, names, root, types, objects) is { } explanation)
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.MissingMember, access.Name.GetLocation(), explanation));
        }
    }

    private static string? Explain(
        SyntaxNodeAnalysisContext context, INamedTypeSymbol type, List<string> names, ExpressionSyntax root, KnownTypes types, SkeletonObjects objects)
    {
        string chain = string.Join(".", names);
        if (KnownTypes.Is(type, types.SkeletonSpec))
        {
            return type.ContainingType is { } skeleton
                ? LastOf(skeleton, names) is not null ? $"'{root}' is not loaded yet and has no {chain}: call Load(), as in {skeleton.Name}.Open().Load()" : Static(context, skeleton, names, objects) ?? Similar(type, names)
                : null;
        }

        return KnownTypes.Is(type, types.Skeleton)
            ? type.GetTypeMembers("Spec").FirstOrDefault() is { } spec && LastOf(spec, names) is IPropertySymbol { SetMethod: not null }
                ? $"{chain} is set in the spec before the load: {type.Name}.Open(spec => spec.{chain} = …).Load()"
                : Static(context, type, names, objects) ?? Similar(type, names)
            : null;
    }

    private static string? Static(SyntaxNodeAnalysisContext context, INamedTypeSymbol skeleton, List<string> names, SkeletonObjects objects)
        => names.Count == 2 && names[0] == "Globals" && objects.Of(skeleton, context.CancellationToken) is { } found && found.StaticOf(names[1]) is { } variable
            ? $"'{variable}' is static or __hidden in {found.Source.Substring(found.Source.LastIndexOf('/') + 1)}, and C# sees only global variables: remove that keyword from its declaration"
            : null;

    // The C's own name, or a misspelt one.
    private static string? Similar(INamedTypeSymbol type, List<string> names)
    {
        if (names.Count != 2 || LastOf(type, [names[0]]) is not IPropertySymbol group)
        {
            return null;
        }

        string wanted = Letters(names[1]);
        var near = new NearNames(wanted);
        IPropertySymbol[] members = [.. group.Type.GetMembers().OfType<IPropertySymbol>().Where(static member => member is { IsStatic: false, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal })];
        foreach (IPropertySymbol member in members)
        {
            near.See(Letters(member.Name));
        }

        return Array.Find(members, member => Letters(member.Name) == wanted) is { } same ? $"{names[0]}.{names[1]} is {names[0]}.{same.Name} in C#"
            : near.Best.FirstOrDefault() is { } best ? $"{type.Name} has no {names[0]}.{names[1]}. Did you mean {names[0]}.{Array.Find(members, member => Letters(member.Name) == best)!.Name}?"
            : null;

        static string Letters(string name) => name.Replace("_", "").ToLowerInvariant();
    }

    // The member at the end of a chain of members, null where one of them does not exist.
    private static ISymbol? LastOf(ITypeSymbol type, List<string> names)
    {
        ISymbol? member = null;
        ITypeSymbol? current = type;
        foreach (string name in names)
        {
            member = current is null ? null : MembersOf(current, name).FirstOrDefault();
            current = member switch
            {
                IPropertySymbol property => property.Type,
                IFieldSymbol field => field.Type,
                _ => null,
            };
            if (member is null)
            {
                return null;
            }
        }

        return member;
    }

    private static IEnumerable<ISymbol> MembersOf(ITypeSymbol type, string name)
    {
        for (ITypeSymbol? current = type; current is not null; current = current.BaseType)
        {
            foreach (ISymbol member in current.GetMembers(name).Where(static member => member is { IsStatic: false, DeclaredAccessibility: Accessibility.Public or Accessibility.Internal }))
            {
                yield return member;
            }
        }
    }

    // using var forks = Forks.Open(); and using (var forks = Forks.Open())
    private static void AnalyzeUsing(SyntaxNodeAnalysisContext context, KnownTypes types)
    {
        var declarator = (VariableDeclaratorSyntax)context.Node;
        bool isUsing = declarator.Parent?.Parent is UsingStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: (int)SyntaxKind.UsingKeyword };
        if (isUsing
            && declarator.Initializer?.Value is { } value
            && context.SemanticModel.GetTypeInfo(value, context.CancellationToken).Type is { ContainingType: { } skeleton } type
            && KnownTypes.Is(type, types.SkeletonSpec))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.MissingMember, value.GetLocation(), $"{value} is not loaded yet, so there is nothing to dispose: call Load(), as in {skeleton.Name}.Open().Load()"));
        }
    }
}
