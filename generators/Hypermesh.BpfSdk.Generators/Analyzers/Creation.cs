using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>Finds calls whose result the caller owns, and where the result goes.</summary>
internal static class Creation
{
    /// <summary>Returns true for a call that loads or opens something that the caller must dispose.</summary>
    public static bool IsOf(IInvocationOperation call, KnownTypes types)
    {
        IMethodSymbol method = call.TargetMethod;
        if (method.IsStatic)
        {
            return method.ContainingType.Name switch
            {
                "BpfObject" => KnownTypes.Is(method.ContainingType, types.Object) && types.IsLive(method.ReturnType),
                "BpfStatistics" => KnownTypes.Is(method.ContainingType, types.Statistics),
                "BpfPinnedProgram" or "BpfLinkHandle" or "BpfInstructionProgram" => types.IsLinkOwner(method.ReturnType),
                _ => false,
            };
        }

        return method.Name == "Load" && KnownTypes.Is(method.ContainingType, types.SkeletonSpec) && KnownTypes.Is(method.ReturnType, types.Skeleton);
    }

    /// <summary>Returns the operation that has the owned value: for <c>Load().Live</c> the object under the skeleton, which counts like the skeleton.</summary>
    public static IOperation OwnedBy(IInvocationOperation call)
        => OperationTree.UserOf(call, out IOperation operand) is IPropertyReferenceOperation { Property.Name: "Live" } live && live.Instance == operand ? live : call;

    /// <summary>Returns the local variable that a value is stored in, by its declaration or by an assignment; null when it is stored elsewhere.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isUsing">True when the declaration disposes it.</param>
    public static ILocalSymbol? LocalOf(IOperation value, out bool isUsing)
    {
        isUsing = false;
        IOperation? user = OperationTree.UserOf(value, out _);
        if (user is IVariableInitializerOperation { Parent: IVariableDeclaratorOperation declarator })
        {
            isUsing = IsUsing(declarator);
            return declarator.Symbol;
        }

        return user is ISimpleAssignmentOperation { Target: ILocalReferenceOperation local } ? local.Local : null;
    }

    /// <summary>Returns true where another assembly may get what a call returns, and use it: a library returns it, passes it on or keeps it.</summary>
    public static bool MayLeave(IInvocationOperation call, Compilation compilation)
        => compilation.Options.OutputKind == OutputKind.DynamicallyLinkedLibrary
            && (LocalOf(call, out _) is not { } local || VariableUse.Of(local, OperationTree.RootOf(call)).Any(static use => use.Kind == VariableUseKind.Escapes));

    /// <summary>Returns true for a declarator of a using declaration or a using statement.</summary>
    public static bool IsUsing(IVariableDeclaratorOperation declarator)
    {
        for (IOperation? current = declarator.Parent; current is not null; current = current.Parent)
        {
            switch (current)
            {
                case IUsingDeclarationOperation:
                    return true;
                case IUsingOperation @using:
                    return @using.Resources.DescendantsAndSelf().Contains(declarator);
                case IVariableDeclarationOperation or IVariableDeclarationGroupOperation:
                    continue;
                default:
                    return false;
            }
        }

        return false;
    }
}
