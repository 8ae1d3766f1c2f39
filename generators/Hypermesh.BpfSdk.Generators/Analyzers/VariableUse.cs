using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>The use of a variable at one place.</summary>
internal enum VariableUseKind
{
    /// <summary>It is compared, assigned to, or only named.</summary>
    Nothing,

    /// <summary>A member of it is used.</summary>
    Member,

    /// <summary>It is disposed.</summary>
    Disposed,

    /// <summary>It is passed on: the receiver may keep or dispose it.</summary>
    Escapes,
}

/// <summary>A use of a local variable, with the member that is used.</summary>
/// <param name="Reference">The place.</param>
/// <param name="Kind">How it is used.</param>
/// <param name="Member">The member that is used; null for none.</param>
internal readonly record struct VariableUse(ILocalReferenceOperation Reference, VariableUseKind Kind, IOperation? Member)
{
    /// <summary>The name of the member that is used.</summary>
    public string? MemberName => Member switch
    {
        IInvocationOperation call => call.TargetMethod.Name,
        IMemberReferenceOperation reference => reference.Member.Name,
        _ => null,
    };

    /// <summary>Finds all uses of a local in a body, including lambdas.</summary>
    public static IEnumerable<VariableUse> Of(ILocalSymbol local, IOperation body)
        => body.DescendantsAndSelf().OfType<ILocalReferenceOperation>()
            .Where(reference => SymbolEqualityComparer.Default.Equals(reference.Local, local))
            .Select(Classify);

    /// <summary>Classifies a use.</summary>
    public static VariableUse Classify(ILocalReferenceOperation reference)
    {
        IOperation? user = OperationTree.UserOf(reference, out IOperation operand);
        switch (user)
        {
            case IInvocationOperation call when call.Instance == operand:
                return new(reference, IsDispose(call) ? VariableUseKind.Disposed : VariableUseKind.Member, call);
            case IPropertyReferenceOperation { Property.Name: "Live" } live when live.Instance == operand:
                // The object under the skeleton counts like the skeleton.
                return new(reference, VariableUseKind.Escapes, live);
            case IMemberReferenceOperation member when member.Instance == operand:
                return new(reference, VariableUseKind.Member, member);
            case IConditionalAccessOperation access when access.Operation == operand:
                IOperation head = HeadOf(access.WhenNotNull);
                return new(reference, head is IInvocationOperation first && IsDispose(first) ? VariableUseKind.Disposed : VariableUseKind.Member, head);
            case IBinaryOperation or IIsPatternOperation or INameOfOperation:
            case ISimpleAssignmentOperation assignment when assignment.Target == operand:
                return new(reference, VariableUseKind.Nothing, null);
            default:
                return new(reference, VariableUseKind.Escapes, null);
        }
    }

    private static bool IsDispose(IInvocationOperation call) => call.TargetMethod.Name is "Dispose" or "DisposeAsync";

    // After ?. the first member counts.
    private static IOperation HeadOf(IOperation whenNotNull)
    {
        IOperation current = OperationTree.Unwrap(whenNotNull);
        while (OperationTree.ReceiverOf(current) is { } receiver && OperationTree.Unwrap(receiver) is not IConditionalAccessInstanceOperation)
        {
            current = OperationTree.Unwrap(receiver);
        }

        return current;
    }
}
