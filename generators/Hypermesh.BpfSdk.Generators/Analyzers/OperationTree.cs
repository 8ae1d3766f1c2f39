using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Ways through a method's operations that several analyzers take.</summary>
internal static class OperationTree
{
    /// <summary>The operation that uses the value, past conversions; and the operand it uses there.</summary>
    public static IOperation? UserOf(IOperation operation, out IOperation operand)
    {
        operand = operation;
        while (operand.Parent is IConversionOperation or IParenthesizedOperation or IArgumentOperation { Parent: null })
        {
            operand = operand.Parent;
        }

        return operand.Parent;
    }

    /// <summary>What was converted.</summary>
    public static IOperation Unwrap(IOperation operation)
    {
        IOperation current = operation;
        while (true)
        {
            switch (current)
            {
                case IConversionOperation conversion:
                    current = conversion.Operand;
                    break;
                case IParenthesizedOperation parenthesized:
                    current = parenthesized.Operand;
                    break;
                default:
                    return current;
            }
        }
    }

    /// <summary>The topmost operation: the whole body.</summary>
    public static IOperation RootOf(IOperation operation)
    {
        IOperation root = operation;
        while (root.Parent is { } parent)
        {
            root = parent;
        }

        return root;
    }

    /// <summary>What a member is taken of, null for static members and for what is no member.</summary>
    public static IOperation? ReceiverOf(IOperation operation) => Unwrap(operation) switch
    {
        IInvocationOperation { Instance: { } instance } => instance,
        IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments: { IsEmpty: false } arguments } => arguments[0].Value,
        IMemberReferenceOperation { Instance: { } instance } => instance,
        _ => null,
    };

    /// <summary>The variable a chain of members begins with (<c>exec</c> of <c>exec.Maps.Events</c>), null when it begins otherwise.</summary>
    public static ISymbol? VariableOf(IOperation operation)
    {
        IOperation current = Unwrap(operation);
        while (ReceiverOf(current) is { } receiver)
        {
            current = Unwrap(receiver);
        }

        return current switch
        {
            ILocalReferenceOperation local => local.Local,
            IParameterReferenceOperation parameter => parameter.Parameter,
            _ => null,
        };
    }

    /// <summary>True when two expressions name one thing: the same variable, or the same members of the same one.</summary>
    public static bool AreSame(IOperation? left, IOperation? right)
    {
        if (left is null || right is null)
        {
            return false;
        }

        return (Unwrap(left), Unwrap(right)) switch
        {
            (ILocalReferenceOperation a, ILocalReferenceOperation b) => Equal(a.Local, b.Local),
            (IParameterReferenceOperation a, IParameterReferenceOperation b) => Equal(a.Parameter, b.Parameter),
            (IInstanceReferenceOperation, IInstanceReferenceOperation) => true,
            (IPropertyReferenceOperation { Arguments.Length: 0 } a, IPropertyReferenceOperation { Arguments.Length: 0 } b)
                => Equal(a.Property, b.Property) && ((a.Instance is null && b.Instance is null) || AreSame(a.Instance, b.Instance)),
            (IFieldReferenceOperation a, IFieldReferenceOperation b)
                => Equal(a.Field, b.Field) && ((a.Instance is null && b.Instance is null) || AreSame(a.Instance, b.Instance)),
            _ => false,
        };
    }

    /// <summary>What an operation is part of, from its parent outwards.</summary>
    public static IEnumerable<IOperation> Around(IOperation operation)
    {
        for (IOperation? current = operation.Parent; current is not null; current = current.Parent)
        {
            yield return current;
        }
    }

    /// <summary>The statement an operation is part of, and the block it stands in; null in an expression body.</summary>
    public static IOperation? StatementOf(IOperation operation, out IBlockOperation? block)
    {
        IOperation current = operation;
        while (current.Parent is { } parent)
        {
            if (parent is IBlockOperation found)
            {
                block = found;
                return current;
            }

            if (parent is IAnonymousFunctionOperation or ILocalFunctionOperation)
            {
                break;
            }

            current = parent;
        }

        block = null;
        return null;
    }

    /// <summary>The statements after one, in its block.</summary>
    public static IEnumerable<IOperation> After(IOperation statement, IBlockOperation block)
        => block.Operations.SkipWhile(other => other != statement).Skip(1);

    /// <summary>The operation and all below it, but for the bodies of lambdas and local functions: they run at another time.</summary>
    public static IEnumerable<IOperation> OfThisFunction(IOperation operation)
    {
        var waiting = new Stack<IOperation>();
        waiting.Push(operation);
        while (waiting.Count > 0)
        {
            IOperation current = waiting.Pop();
            yield return current;
            if (current is not (IAnonymousFunctionOperation or ILocalFunctionOperation))
            {
                foreach (IOperation child in current.ChildOperations.Reverse())
                {
                    waiting.Push(child);
                }
            }
        }
    }

    /// <summary>The function an operation runs in: a lambda, a local function, or the member itself.</summary>
    public static IMethodSymbol? FunctionOf(IOperation operation, ISymbol owner)
    {
        for (IOperation? current = operation; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IAnonymousFunctionOperation lambda:
                    return lambda.Symbol;
                case ILocalFunctionOperation local:
                    return local.Symbol;
                default:
                    break;
            }
        }

        return owner as IMethodSymbol;
    }

    /// <summary>True for a call that takes no argument the code wrote.</summary>
    public static bool HasNoArguments(IInvocationOperation call)
        => call.Arguments.All(argument => argument.ArgumentKind == ArgumentKind.DefaultValue);

    /// <summary>A call's method name in the code; all of it where there is none. Chains are long, and the name is what is meant.</summary>
    public static Location NameOf(IInvocationOperation call)
        => call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access }
            ? access.Name.GetLocation()
            : call.Syntax.GetLocation();

    private static bool Equal(ISymbol left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
