using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.BpfSdk.Tasks.Layouts;

/// <summary>
/// Decides whether one C# struct fits the types of both objects of a file: all offsets and sizes must be equal, and there must be no bitfields, because their bits have the other
/// order on the other machine.
/// </summary>
internal static class EndianComparison
{
    /// <summary>Returns the differences, one sentence each.</summary>
    public static IEnumerable<string> Run(BpfObjectSpec little, BpfObjectSpec big)
    {
        if (little.Btf is not { } first || big.Btf is not { } second)
        {
            yield break;
        }

        for (int id = first.FirstId; id < first.Count; id++)
        {
            BtfType type = first[id];
            if (!type.IsComposite || type.NameOffset == 0)
            {
                continue;
            }

            int other = second.Find(type.Name, type.Kind);
            if (other == 0 || second[other].Size != type.Size || second[other].Length != type.Length)
            {
                yield return $"{type.Name} has another size or other members";
                continue;
            }

            for (int i = 0; i < type.Length; i++)
            {
                BtfMember member = type.Member(i);
                string name = first.GetString(member.NameOffset);
                if (member.BitfieldSize > 0)
                {
                    yield return $"{type.Name}.{name} is a bitfield, whose bits have the other order on big-endian machines";
                }
                else if (member.BitOffset != second[other].Member(i).BitOffset)
                {
                    yield return $"{type.Name}.{name} has another offset";
                }
            }
        }
    }
}
