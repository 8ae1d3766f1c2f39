using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports a link in a using declaration with nothing after it in its scope: the program is detached before it can run.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class DetachedAtOnceAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public DetachedAtOnceAnalyzer()
        : base(UsageDescriptors.DetachedAtOnce)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call.TargetMethod.Name == "Attach"
            && KnownTypes.Is(call.Type, types.Link)
            && call.Instance is { } program
            && IsDisposedAtOnce(call))
        {
            context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.DetachedAtOnce, OperationTree.NameOf(call), program.Syntax.ToString()));
        }
    }

    private static bool IsDisposedAtOnce(IInvocationOperation call)
    {
        IOperation? user = OperationTree.UserOf(call, out IOperation operand);
        if (user is IUsingOperation { Body: IBlockOperation { Operations.IsEmpty: true } } direct && direct.Resources == operand)
        {
            return true;
        }

        if (user is not IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } || !Creation.IsUsing(declarator))
        {
            return false;
        }

        // using (var link = …) { } is a statement of its own; a declaration is the last statement of its block. Several links end one after the other.
        return OperationTree.StatementOf(call, out IBlockOperation? block) switch
        {
            IUsingOperation @using => @using.Body is IBlockOperation { Operations.IsEmpty: true },
            IUsingDeclarationOperation declaration => OperationTree.After(declaration, block!).All(static later => later is IUsingDeclarationOperation or IReturnOperation { ReturnedValue: null }),
            _ => false,
        };
    }
}
