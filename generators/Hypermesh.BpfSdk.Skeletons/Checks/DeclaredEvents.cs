using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// The types named by HM_EVENT of our header. It makes a function nobody calls, whose argument keeps the type in the object; the
/// function itself goes into no program.
/// </summary>
internal static class DeclaredEvents
{
    private const string Prefix = "hm_event__";

    public static IEnumerable<int> Find(BtfTypes types)
    {
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id].Kind == BtfKind.Function && types[id].Name.StartsWith(Prefix, StringComparison.Ordinal))
            {
                BtfType prototype = types[types[id].TypeId];
                if (prototype.Length == 1 && types[types.SkipModifiers(prototype.Parameter(0).TypeId)] is { Kind: BtfKind.Pointer } pointer)
                {
                    yield return pointer.TypeId;
                }
            }
        }
    }
}
