using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>
/// The candidates of each of the object's types, searched once a type: in the kernel first, and only when it has none, in all modules.
/// Once a relocation matched some candidates of a type, the others are dropped for the relocations after it (as libbpf does), so that
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
            // The first is the kernel itself.
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

/// <summary>A kernel type that may be what the object means: same essential name, same kind.</summary>
/// <param name="Types">The kernel's or a module's types.</param>
/// <param name="TypeId">The type among them.</param>
internal readonly record struct CoreCandidate(BtfTypes Types, int TypeId);
