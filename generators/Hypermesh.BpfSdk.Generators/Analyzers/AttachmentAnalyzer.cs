using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports objects that a function loads and reads without attaching a program: the values stay zero.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AttachmentAnalyzer : UsageAnalyzer
{
    // Maps whose initial entries in C may be programs: those run without being attached.
    private static readonly HashSet<string> s_mapsOfPrograms = new(StringComparer.Ordinal)
    {
        "BpfProgramArray", "BpfDevMap", "BpfDevHashMap", "BpfCpuMap", "BpfUntypedMap",
    };

    /// <summary>Creates the analyzer.</summary>
    public AttachmentAnalyzer()
        : base(UsageDescriptors.NeverAttached)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        var objects = new SkeletonObjects(context.Options);
        context.RegisterOperationAction(operation => Analyze(operation, types, objects), OperationKind.Invocation);
    }

    private static void Analyze(OperationAnalysisContext context, KnownTypes types, SkeletonObjects objects)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!Creation.IsOf(call, types) || !KnownTypes.Is(call.Type, types.Skeleton) || Creation.LocalOf(call, out _) is not { } local)
        {
            return;
        }

        VariableUse[] uses = [.. VariableUse.Of(local, OperationTree.RootOf(call))];
        if (uses.Any(use => use.Kind == VariableUseKind.Escapes
            || (use.Kind == VariableUseKind.Member && use.MemberName is not ("Maps" or "Globals" or "Refused" or "Links" or "Attach"))))
        {
            return;
        }

        if (uses.FirstOrDefault(use => use.MemberName == "Attach").Member is IInvocationOperation attach)
        {
            if (LeftOut(call.Type!, types) is { } program
                && objects.Of((INamedTypeSymbol)call.Type!, context.CancellationToken) is { } found
                && found.IsEnabled(program)
                && !SpecEdits.Sets(context.Compilation, "Enabled", context.CancellationToken))
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    UsageDescriptors.NeverAttached, OperationTree.NameOf(attach), $"Program '{program.Name}' is",
                    $"Attach() leaves it out, because it needs a target: {local.Name}.Programs.{program.Name}.Attach(…)"));
            }
        }
        else if (uses.Any(use => use.MemberName is "Maps" or "Globals"))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.NeverAttached, OperationTree.NameOf(call), $"The programs of '{call.Type!.Name}' are", $"nothing calls {local.Name}.Attach()"));
        }
    }

    private static IPropertySymbol? LeftOut(ITypeSymbol skeleton, KnownTypes types)
    {
        bool mayBeInMap = PropertiesOf(skeleton, "Maps").Any(map => s_mapsOfPrograms.Contains(map.Type.Name));
        return mayBeInMap
            ? null
            : PropertiesOf(skeleton, "Programs").FirstOrDefault(program => KnownTypes.Is(program.Type, types.Program) && AsksWhere(program.Type));
    }

    private static bool AsksWhere(ITypeSymbol program)
    {
        IMethodSymbol[] attaches = [.. program.GetMembers("Attach").OfType<IMethodSymbol>().Where(method => method.DeclaredAccessibility == Accessibility.Public)];
        return attaches.Length > 0 && attaches.All(method => method.Parameters.Any(parameter => !parameter.IsOptional));
    }

    private static IEnumerable<IPropertySymbol> PropertiesOf(ITypeSymbol skeleton, string group)
        => skeleton.GetMembers(group).OfType<IPropertySymbol>().SelectMany(property => property.Type.GetMembers().OfType<IPropertySymbol>());
}
