using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>Reports keys with padding: its bytes are hashed and compared like the others, and C leaves them uninitialized.</summary>
internal static class KeyPaddingCheck
{
    private const int LargestKey = 4096;

    // More steps than a key with thousands of members needs. Unions that contain the same union twice, level by level, need exponentially many.
    private const int MostSteps = 1_000_000;

    public static void Run(BpfObjectSpec spec, BtfTypes types, Findings findings)
    {
        foreach (BpfMapSpec map in spec.Maps.Where(map => map.KeyTypeId != 0))
        {
            BtfType key = types[types.SkipModifiers(map.KeyTypeId)];
            if (key.IsComposite && key.Size is > 0 and <= LargestKey)
            {
                bool[] taken = new bool[key.Size];
                int left = MostSteps;
                Cover(types, key.Id, 0, taken, 0, ref left);
                if (Array.IndexOf(taken, false) >= 0)
                {
                    findings.Add(SourceIds.PaddedKey, map.Name, 0, map.Name, $"'{CTypeNames.Describe(types, map.KeyTypeId)}'", Gaps(taken));
                }
            }
        }
    }

    // A byte that any member of a union covers counts as covered, because the member that a program sets is not known.
    private static void Cover(BtfTypes types, int id, long bit, bool[] taken, int depth, ref int left)
    {
        if (depth > TypeNesting.MaximumDepth)
        {
            return;
        }

        if (--left < 0)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} and the types around it contain each other too often to look for padding");
        }

        BtfType type = types[types.SkipModifiers(id)];
        if (type.Kind == BtfKind.Array)
        {
            long size = types.SizeOf(type.Array.ElementTypeId);
            for (uint i = 0; size > 0 && i < type.Array.Count && (bit / 8) + (i * size) < taken.Length; i++)
            {
                Cover(types, type.Array.ElementTypeId, bit + (i * size * 8), taken, depth + 1, ref left);
            }
        }
        else if (type.IsComposite)
        {
            for (int i = 0; i < type.Length; i++)
            {
                BtfMember member = type.Member(i);
                if (member.BitfieldSize > 0)
                {
                    Mark(taken, bit + member.BitOffset, member.BitfieldSize);
                }
                else
                {
                    Cover(types, member.TypeId, bit + member.BitOffset, taken, depth + 1, ref left);
                }
            }
        }
        else
        {
            Mark(taken, bit, types.SizeOf(type.Id) * 8);
        }
    }

    private static void Mark(bool[] taken, long bit, long bits)
    {
        for (long at = bit / 8; at < taken.Length && at * 8 < bit + bits; at++)
        {
            taken[at] = true;
        }
    }

    private static string Gaps(bool[] taken)
    {
        var gaps = new List<string>();
        for (int i = 0; i < taken.Length; i++)
        {
            if (!taken[i])
            {
                int first = i;
                while (i + 1 < taken.Length && !taken[i + 1])
                {
                    i++;
                }

                gaps.Add(first == i ? $"byte {first}" : $"bytes {first} to {i}");
            }
        }

        return string.Join(", ", gaps);
    }
}
