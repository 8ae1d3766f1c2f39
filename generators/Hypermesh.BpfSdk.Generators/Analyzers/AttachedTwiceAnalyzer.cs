using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports an object whose programs are all attached, when one of them is also attached alone to the same target.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class AttachedTwiceAnalyzer : UsageAnalyzer
{
    // Attach() of the object attaches programs of these types to the same target as their own Attach() without arguments.
    private static readonly HashSet<string> s_automatic = new(StringComparer.Ordinal)
    {
        "BpfTracingProgram", "BpfLsmProgram", "BpfKProbeProgram", "BpfKProbeMultiProgram", "BpfKSyscallProgram", "BpfUProbeProgram",
        "BpfUProbeMultiProgram", "BpfUsdtProgram", "BpfTracepointProgram", "BpfRawTracepointProgram",
    };

    /// <summary>Creates the analyzer.</summary>
    public AttachedTwiceAnalyzer()
        : base(UsageDescriptors.AttachedTwice)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
        => context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Invocation);

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (!IsPlainAttach(call, types) || OperationTree.StatementOf(call, out IBlockOperation? block) is not { } statement || !IsWhole(statement, call))
        {
            return;
        }

        foreach (IOperation later in OperationTree.After(statement, block!))
        {
            if (OperationTree.OfThisFunction(later).Any(MayDetach))
            {
                return;
            }

            if (CallOf(later) is { } second && IsPlainAttach(second, types) && Meet(call, second))
            {
                IOperation program = KnownTypes.Is(call.Instance!.Type, types.Program) ? call.Instance : second.Instance!;
                context.ReportDiagnostic(Diagnostic.Create(UsageDescriptors.AttachedTwice, OperationTree.NameOf(second), program.Syntax.ToString()));
                return;
            }
        }
    }

    private static bool IsPlainAttach(IInvocationOperation call, KnownTypes types)
        => call.TargetMethod.Name == "Attach" && call.Instance is { } instance && OperationTree.HasNoArguments(call)
            && (types.IsLive(instance.Type) || (KnownTypes.Is(instance.Type, types.Program) && s_automatic.Contains(instance.Type!.Name)));

    private static bool Meet(IInvocationOperation first, IInvocationOperation second)
        => OperationTree.AreSame(first.Instance, second.Instance)
            || OperationTree.AreSame(first.Instance, OwnerOf(second.Instance!))
            || OperationTree.AreSame(OwnerOf(first.Instance!), second.Instance);

    // exec of exec.Programs.OnExit.
    private static IOperation? OwnerOf(IOperation program)
        => OperationTree.ReceiverOf(program) is { } group && OperationTree.Unwrap(group) is IPropertyReferenceOperation { Property.Name: "Programs" } programs
            ? programs.Instance
            : null;

    private static bool MayDetach(IOperation operation) => operation switch
    {
        IInvocationOperation call => call.TargetMethod.Name is "Dispose" or "DisposeAsync" or "Detach" or "ForceDetach",
        IPropertyReferenceOperation property => property.Property.Name == "Links",
        IReturnOperation or IBranchOperation or IThrowOperation => true,
        _ => false,
    };

    private static bool IsWhole(IOperation statement, IInvocationOperation call) => CallOf(statement) == call;

    // A call that is a statement, or the value of a variable that is not disposed immediately.
    private static IInvocationOperation? CallOf(IOperation statement) => statement switch
    {
        IExpressionStatementOperation { Operation: IInvocationOperation call } => call,
        IExpressionStatementOperation { Operation: ISimpleAssignmentOperation { Value: IInvocationOperation call } } => call,
        IUsingDeclarationOperation @using => ValueOf(@using.DeclarationGroup),
        IVariableDeclarationGroupOperation group => ValueOf(group),
        _ => null,
    };

    private static IInvocationOperation? ValueOf(IVariableDeclarationGroupOperation group)
        => group.Declarations.Length == 1
            && group.Declarations[0].Declarators.Length == 1
            && group.Declarations[0].Declarators[0].GetVariableInitializer() is { } initializer
            ? OperationTree.Unwrap(initializer.Value) as IInvocationOperation
            : null;
}
