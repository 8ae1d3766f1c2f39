using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Searches in a method's operations that several analyzers share.</summary>
internal static class OperationTree
{
    /// <summary>Returns the operation that uses the value, past conversions, and the operand that it uses.</summary>
    public static IOperation? UserOf(IOperation operation, out IOperation operand)
    {
        operand = operation;
        while (operand.Parent is IConversionOperation or IParenthesizedOperation or IArgumentOperation { Parent: null })
        {
            operand = operand.Parent;
        }

        return operand.Parent;
    }

    /// <summary>Returns the operation under conversions.</summary>
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

    /// <summary>Returns the topmost operation: the whole body.</summary>
    public static IOperation RootOf(IOperation operation)
    {
        IOperation root = operation;
        while (root.Parent is { } parent)
        {
            root = parent;
        }

        return root;
    }

    /// <summary>Returns the instance of a member access; null for a static member and for other operations.</summary>
    public static IOperation? ReceiverOf(IOperation operation) => Unwrap(operation) switch
    {
        IInvocationOperation { Instance: { } instance } => instance,
        IInvocationOperation { TargetMethod.IsExtensionMethod: true, Arguments: { IsEmpty: false } arguments } => arguments[0].Value,
        IMemberReferenceOperation { Instance: { } instance } => instance,
        _ => null,
    };

    /// <summary>Returns the variable that a chain of members begins with (<c>exec</c> of <c>exec.Maps.Events</c>); null when it begins with something else.</summary>
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

    /// <summary>Returns true when two expressions name the same variable, or the same members of the same variable.</summary>
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

    /// <summary>Enumerates the operations around one, from its parent outwards.</summary>
    public static IEnumerable<IOperation> Around(IOperation operation)
    {
        for (IOperation? current = operation.Parent; current is not null; current = current.Parent)
        {
            yield return current;
        }
    }

    /// <summary>Returns the statement that an operation is part of, and its block; null in an expression body.</summary>
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

    /// <summary>Enumerates the statements after one in its block.</summary>
    public static IEnumerable<IOperation> After(IOperation statement, IBlockOperation block)
        => block.Operations.SkipWhile(other => other != statement).Skip(1);

    /// <summary>Enumerates an operation and all operations in it, except the bodies of lambdas and local functions, which run at another time.</summary>
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

    /// <summary>Returns the function that an operation runs in: a lambda, a local function, or the member itself.</summary>
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

    /// <summary>Returns true for a call without arguments in the code.</summary>
    public static bool HasNoArguments(IInvocationOperation call)
        => call.Arguments.All(argument => argument.ArgumentKind == ArgumentKind.DefaultValue);

    /// <summary>Returns the place of a call's method name; of the whole call where it has none. A chain of calls can be long, and only the name is relevant.</summary>
    public static Location NameOf(IInvocationOperation call)
        => call.Syntax is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax access }
            ? access.Name.GetLocation()
            : call.Syntax.GetLocation();

    private static bool Equal(ISymbol left, ISymbol right) => SymbolEqualityComparer.Default.Equals(left, right);
}
