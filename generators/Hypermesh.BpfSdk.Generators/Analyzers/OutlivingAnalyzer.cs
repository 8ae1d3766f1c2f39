using System.Collections.Immutable;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Reports maps, programs, links and readers that leave the scope that disposes their object, and tasks that use the object after that.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class OutlivingAnalyzer : UsageAnalyzer
{
    /// <summary>Creates the analyzer.</summary>
    public OutlivingAnalyzer()
        : base(UsageDescriptors.Outlives)
    {
    }

    private protected override void Register(CompilationStartAnalysisContext context, KnownTypes types)
    {
        context.RegisterOperationAction(operation => Analyze(operation, types), OperationKind.Return);
        context.RegisterOperationAction(operation => AnalyzeStart(operation, types), OperationKind.Invocation);
        context.RegisterOperationAction(operation => AnalyzeUpdate(operation, types), OperationKind.Invocation);
    }

    // using (var next = …Load()) link.Update(next.Programs.X): the link belongs to next from then on and ends with it, so nothing is attached after the scope.
    private static void AnalyzeUpdate(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (call is { TargetMethod.Name: "Update", Instance: { } instance, Arguments: { Length: 1 } arguments }
            && KnownTypes.Is(instance.Type, types.Link)
            && OperationTree.Unwrap(instance) is ILocalReferenceOperation { Local: { } link }
            && OperationTree.VariableOf(arguments[0].Value) is ILocalSymbol { IsUsing: true } next
            && types.IsLive(next.Type)
            && IsNarrower(call, next, link))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.Outlives, call.Syntax.GetLocation(), $"The link '{link.Name}' is moved to", next.Name,
                $"while '{link.Name}' is still in use, and the link ends with it: declare '{next.Name}' in the scope of '{link.Name}'"));
        }
    }

    // True when the scope of the object is within that of the link.
    private static bool IsNarrower(IOperation call, ILocalSymbol next, ILocalSymbol link)
    {
        foreach (IOperation around in OperationTree.Around(call))
        {
            ImmutableArray<ILocalSymbol> locals = around switch
            {
                IBlockOperation block => block.Locals,
                IUsingOperation @using => @using.Locals,
                _ => [],
            };
            if (locals.Contains(link, SymbolEqualityComparer.Default))
            {
                return false;
            }

            if (locals.Contains(next, SymbolEqualityComparer.Default))
            {
                return true;
            }
        }

        return false;
    }

    private static void Analyze(OperationAnalysisContext context, KnownTypes types)
    {
        if (context.Operation is not IReturnOperation { ReturnedValue: { } returned })
        {
            return;
        }

        IOperation value = OperationTree.Unwrap(returned);
        IMethodSymbol? function = OperationTree.FunctionOf(value, context.ContainingSymbol);
        ISymbol? owner = IsView(value.Type, types) ? OperationTree.VariableOf(value) : null;
        if (owner is null && IsTask(value.Type) && function is { IsAsync: false })
        {
            owner = WorksWith(value, types);
        }

        // A lambda that returns a map of the surrounding object is assumed to be called while the object is live.
        if (owner is ILocalSymbol { IsUsing: true } local
            && (types.IsLive(local.Type) || types.IsLinkOwner(local.Type))
            && SymbolEqualityComparer.Default.Equals(local.ContainingSymbol, function))
        {
            context.ReportDiagnostic(IsTask(value.Type)
                ? Diagnostic.Create(
                    UsageDescriptors.Outlives, value.Syntax.GetLocation(), "This task uses", local.Name, "before the task ends: make this function async and await the task")
                : Diagnostic.Create(
                    UsageDescriptors.Outlives, value.Syntax.GetLocation(), "This belongs to", local.Name, $"before the caller can use it: return values, or '{local.Name}' itself without the using"));
        }
    }

    // A task that nothing awaits, in a scope that ends immediately: it uses a disposed object.
    private static void AnalyzeStart(OperationAnalysisContext context, KnownTypes types)
    {
        var call = (IInvocationOperation)context.Operation;
        if (IsLeftAlone(call)
            && WorkOf(call).FirstOrDefault(local => types.IsLive(local.Type) || types.IsLinkOwner(local.Type)) is { } used
            && EndsAtOnce(call, used))
        {
            context.ReportDiagnostic(Diagnostic.Create(
                UsageDescriptors.Outlives, call.Syntax.GetLocation(), "The task started here uses", used.Name,
                $"while the task runs, since nothing awaits it: await the task, or dispose '{used.Name}' after it has ended"));
        }
    }

    // _ = Task.Run(…); and Task.Run(…); and var task = Task.Run(…); with no use of the task.
    private static bool IsLeftAlone(IInvocationOperation call)
        => (IsTask(call.Type) || call.TargetMethod is { Name: "QueueUserWorkItem", ContainingType.Name: "ThreadPool" } || (call.TargetMethod.Name == "Start" && IsThread(call.Instance)))
            && OperationTree.UserOf(call, out _) switch
            {
                IExpressionStatementOperation => true,
                ISimpleAssignmentOperation { Target: IDiscardOperation } => true,
                IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator } => !VariableUse.Of(declarator.Symbol, OperationTree.RootOf(call)).Any(),
                _ => false,
            };

    private static bool IsThread(IOperation? instance) => instance is not null && OperationTree.Unwrap(instance) is IObjectCreationOperation { Type.Name: "Thread" };

    // The using locals that the started task uses: captured by its lambda or local function, or passed as an argument.
    private static IEnumerable<ILocalSymbol> WorkOf(IInvocationOperation call)
    {
        IEnumerable<IArgumentOperation> arguments = call.Instance is { } instance && OperationTree.Unwrap(instance) is IObjectCreationOperation thread ? thread.Arguments : call.Arguments;
        IEnumerable<IOperation> work = arguments.Select(static argument => argument.Value);
        work = work.Concat(work.SelectMany(static value => value.DescendantsAndSelf()).OfType<IMethodReferenceOperation>().SelectMany(reference => BodyOf(reference.Method, call)));
        work = work.Concat(BodyOf(call.TargetMethod, call));
        return work.SelectMany(static part => part.DescendantsAndSelf()).OfType<ILocalReferenceOperation>().Select(static reference => reference.Local).Where(static local => local.IsUsing);
    }

    private static IEnumerable<IOperation> BodyOf(IMethodSymbol method, IOperation call)
        => method.MethodKind == MethodKind.LocalFunction
            ? OperationTree.RootOf(call).Descendants().OfType<ILocalFunctionOperation>().Where(local => SymbolEqualityComparer.Default.Equals(local.Symbol, method.OriginalDefinition))
            : [];

    // Nothing between the start and the end of the scope can wait: there is no loop, no await, and no call except of the object's own members and of Console.Write.
    private static bool EndsAtOnce(IInvocationOperation call, ILocalSymbol used)
    {
        IOperation inner = call;
        foreach (IOperation around in OperationTree.Around(call))
        {
            switch (around)
            {
                case ILoopOperation or IAnonymousFunctionOperation or ILocalFunctionOperation or IAwaitOperation:
                    return false;
                case IBlockOperation block:
                    if (OperationTree.After(inner, block).SelectMany(OperationTree.OfThisFunction).Any(operation => MayWait(operation, used)))
                    {
                        return false;
                    }

                    if (block.Locals.Contains(used, SymbolEqualityComparer.Default))
                    {
                        return true;
                    }

                    break;
                case IUsingOperation @using when @using.Locals.Contains(used, SymbolEqualityComparer.Default):
                    return true;
                default:
                    break;
            }

            inner = around;
        }

        return false;
    }

    private static bool MayWait(IOperation operation, ILocalSymbol used) => operation switch
    {
        ILoopOperation or IAwaitOperation => true,
        IUsingDeclarationOperation { IsAsynchronous: true } or IUsingOperation { IsAsynchronous: true } => true,
        IInvocationOperation call => !SymbolEqualityComparer.Default.Equals(OperationTree.VariableOf(call), used)
            && call.TargetMethod is not { ContainingType: { Name: "Console", ContainingNamespace.Name: "System" }, Name: "Write" or "WriteLine" },
        _ => false,
    };

    private static bool IsView(ITypeSymbol? type, KnownTypes types)
        => types.IsView(type) || types.IsLive(type) || type is { OriginalDefinition.Name: "IAsyncEnumerable" or "IEnumerable", TypeKind: TypeKind.Interface };

    private static bool IsTask(ITypeSymbol? type)
        => type is { Name: "Task" or "ValueTask", ContainingNamespace: { Name: "Tasks", ContainingNamespace.Name: "Threading" } };

    // exec of return ReadAsync(exec), and of return exec.Maps.Events.…Async(): the task has hardly started when the scope ends.
    private static ISymbol? WorksWith(IOperation value, KnownTypes types)
        => value is IInvocationOperation call
            ? call.Arguments.Select(argument => OperationTree.Unwrap(argument.Value))
                .Where(argument => IsView(argument.Type, types))
                .Select(OperationTree.VariableOf)
                .FirstOrDefault(variable => variable is ILocalSymbol { IsUsing: true })
            : null;
}
