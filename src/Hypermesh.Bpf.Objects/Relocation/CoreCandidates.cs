using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>
/// Finds the candidates for each of the object's types, once per type: in the kernel first, and in all modules only when the kernel has none.
/// When a relocation matches some candidates of a type, the others are removed for later relocations (as in libbpf), so
/// all fields of one type come from one definition.
/// </summary>
internal sealed class CoreCandidates(BtfTypes local, IReadOnlyList<BtfTypes> targets, Func<IReadOnlyList<BtfTypes>>? modules)
{
    private readonly Dictionary<int, List<CoreCandidate>> _byLocalType = [];
    private IReadOnlyList<BtfTypes>? _modules;

    public List<CoreCandidate> Of(int localTypeId)
    {
        if (!_byLocalType.TryGetValue(localTypeId, out List<CoreCandidate>? candidates))
        {
            candidates = Search(localTypeId);
            _byLocalType.Add(localTypeId, candidates);
        }

        return candidates;
    }

    private List<CoreCandidate> Search(int localTypeId)
    {
        var found = new List<CoreCandidate>();
        BtfType type = local[localTypeId];
        if (targets.Count > 0)
        {
            // The first target is the kernel itself.
            Add(found, type, targets[0]);
        }

        for (int i = 1; i < targets.Count && (i > 1 || found.Count == 0); i++)
        {
            Add(found, type, targets[i]);
        }

        if (found.Count == 0)
        {
            foreach (BtfTypes module in _modules ??= modules?.Invoke() ?? [])
            {
                Add(found, type, module);
            }
        }

        return found;
    }

    private static void Add(List<CoreCandidate> found, BtfType type, BtfTypes target)
    {
        var ids = new List<int>();
        target.FindEssential(BtfName.Essential(type.NameBytes), ids);
        foreach (int id in ids)
        {
            if (CoreTypeCompatibility.KindsAgree(type, target[id]))
            {
                found.Add(new CoreCandidate(target, id));
            }
        }
    }
}

/// <summary>A kernel type that may correspond to a type of the object: it has the same essential name and kind.</summary>
/// <param name="Types">The kernel's or a module's types.</param>
/// <param name="TypeId">The ID of the type among them.</param>
internal readonly record struct CoreCandidate(BtfTypes Types, int TypeId);
