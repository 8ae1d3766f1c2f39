namespace Hypermesh.Bpf.Objects.NameMatching;

/// <summary>
/// Collects, from many names, suggestions for a name that does not exist: first the compiler's variants of it
/// (<c>name.isra.0</c>, <c>name.constprop.0</c>, <c>name.llvm.123</c>), then names that begin or end with it or differ by a few letters.
/// </summary>
internal sealed class NearNames(string wanted)
{
    private const int Most = 5;
    private const int LargestDistance = 2;

    private readonly SortedSet<(int Rank, string Name)> _found = [];

    /// <summary>The compiler's variants of the name among those seen; they contain its code.</summary>
    internal IReadOnlyList<string> Variants => [.. _found.Where(static entry => entry.Rank == 0).Select(static entry => entry.Name)];

    /// <summary>The most similar names seen, the most similar first.</summary>
    internal IReadOnlyList<string> Best => [.. _found.Select(static entry => entry.Name)];

    internal void See(string name)
    {
        if (Rank(name) is not { } rank)
        {
            return;
        }

        _found.Add((rank, name));
        if (_found.Count > Most)
        {
            _found.Remove(_found.Max);
        }
    }

    private int? Rank(string name)
    {
        if (name.StartsWith(wanted, StringComparison.Ordinal))
        {
            return name.Length > wanted.Length && name[wanted.Length] == '.' ? 0 : 2;
        }

        if (name.EndsWith(wanted, StringComparison.Ordinal))
        {
            return 1;
        }

        int distance = Math.Abs(name.Length - wanted.Length) <= LargestDistance && wanted.Length > LargestDistance * 2 ? EditDistance.Between(wanted, name) : int.MaxValue;
        return distance <= LargestDistance ? 2 + distance : null;
    }
}

/// <summary>Counts the edits between two words: a letter removed, added or replaced, or two neighbours exchanged (Damerau and Levenshtein).</summary>
internal static class EditDistance
{
    internal static int Between(string first, string second)
    {
        int[] beforeLast = new int[second.Length + 1];
        int[] last = new int[second.Length + 1];
        int[] row = new int[second.Length + 1];
        for (int i = 0; i <= first.Length; i++)
        {
            for (int j = 0; j <= second.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    row[j] = i + j;
                    continue;
                }

                int replaced = last[j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1);
                row[j] = Math.Min(replaced, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                {
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
                }
            }

            (beforeLast, last, row) = (last, row, beforeLast);
        }

        return last[second.Length];
    }
}
