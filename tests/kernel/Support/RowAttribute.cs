using Xunit.v3;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// Names what of the loader a test proves: a section, a kind of link, a kind of map. The report of each kernel carries it, and the table of
/// row by kernel is made of those reports.
/// </summary>
/// <param name="table">The table: <c>sections</c>, <c>links</c>, <c>maps</c>, <c>externs</c>, <c>lifecycle</c>, <c>runtime</c>.</param>
/// <param name="row">The row.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class RowAttribute(string table, string row) : Attribute, ITraitAttribute
{
    public string Table => table;

    public string Row => row;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Row", $"{table}: {row}")];
}
