namespace Hypermesh.Bpf.Objects.NameMatching;

/// <summary>Tables of names in which many names have one value.</summary>
internal static class NameTable
{
    /// <summary>Returns a table with a row for each name.</summary>
    /// <param name="rows">The names, with a space between them, and their value.</param>
    internal static Dictionary<string, string> Of(params (string Names, string Value)[] rows)
        => rows.SelectMany(static row => row.Names.Split(' ').Select(name => (name, row.Value))).ToDictionary(static row => row.name, static row => row.Value, StringComparer.Ordinal);
}
