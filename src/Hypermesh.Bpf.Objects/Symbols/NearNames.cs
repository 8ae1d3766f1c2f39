namespace Hypermesh.Bpf.Objects.Symbols;

/// <summary>
/// Collects, out of many names, those a person may have meant by one that is not there: first what the compiler made of it
/// (<c>name.isra.0</c>, <c>name.constprop.0</c>, <c>name.llvm.123</c>), then names that hold it or differ by little.
/// </summary>
internal sealed class NearNames(string wanted)
{
    private const int Most = 5;
    private const int LargestDistance = 2;

    private readonly SortedSet<(int Rank, string Name)> _found = [];

    /// <summary>The compiler's variants of the name among those seen; they have its code.</summary>
    internal IReadOnlyList<string> Variants => [.. _found.Where(static entry => entry.Rank == 0).Select(static entry => entry.Name)];

    /// <summary>The nearest names seen, the nearest first.</summary>
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

        int distance = Math.Abs(name.Length - wanted.Length) <= LargestDistance && wanted.Length > LargestDistance * 2 ? Distance(name) : int.MaxValue;
        return distance <= LargestDistance ? 2 + distance : null;
    }

    // Levenshtein's, one row at a time.
    private int Distance(string name)
    {
        var row = new int[name.Length + 1];
        for (int j = 0; j <= name.Length; j++)
        {
            row[j] = j;
        }

        for (int i = 1; i <= wanted.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= name.Length; j++)
            {
                int replaced = diagonal + (wanted[i - 1] == name[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[name.Length];
    }
}
