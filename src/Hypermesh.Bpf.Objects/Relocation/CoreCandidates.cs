using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>
/// The candidates of each of the object's types, searched once a type: in the kernel first, and only when it has none, in all modules.
/// Once a relocation matched some candidates of a type, the others are dropped for the relocations after it (as libbpf does), so that
/// all fields of one type come from one definition.
/// </summary>
internal sealed class CoreCandidates(BtfTypes local, IReadOnlyList<BtfTypes> targets)
{
    private readonly Dictionary<int, List<CoreCandidate>> _byLocalType = [];

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
        ReadOnlySpan<byte> name = BtfName.Essential(type.NameBytes);
        var ids = new List<int>();
        for (int i = 0; i < targets.Count; i++)
        {
            BtfTypes target = targets[i];
            ids.Clear();
            target.FindEssential(name, ids);
            foreach (int id in ids)
            {
                if (CoreTypeCompatibility.KindsAgree(type, target[id]))
                {
                    found.Add(new CoreCandidate(target, id));
                }
            }

            // The first is the kernel itself.
            if (i == 0 && found.Count > 0)
            {
                break;
            }
        }

        return found;
    }
}
