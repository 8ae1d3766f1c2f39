using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports the mistakes that libclang found in the C, where it has more than the object: the types of local variables, macros, and code that the compiler left out.</summary>
internal static class FoundMistakes
{
    // The rules with the number of their arguments. A newer task may know more rules.
    private static readonly Dictionary<string, int> s_rules = new(StringComparer.Ordinal)
    {
        [SourceIds.NetworkOrder] = 3,
        [SourceIds.ScaledPointer] = 5,
        [SourceIds.OtherArguments] = 4,
        [SourceIds.UnsetMember] = 5,
        [SourceIds.NarrowId] = 5,
        [SourceIds.DataLocation] = 1,
        [SourceIds.TextOrder] = 2,
        [SourceIds.NetworkSum] = 2,
        [SourceIds.NetworkCopy] = 4,
        [SourceIds.PointerSize] = 3,
        [SourceIds.NarrowTime] = 4,
        [SourceIds.PrintFormat] = 3,
    };

    public static void Run(IEnumerable<MistakeLine> mistakes, Findings findings)
    {
        foreach (MistakeLine one in mistakes)
        {
            if (s_rules.TryGetValue(one.Id, out int arguments) && one.Arguments.Count == arguments)
            {
                findings.AddAt(one.Id, one.Header, one.Line, [.. one.Arguments]);
            }
        }
    }
}
