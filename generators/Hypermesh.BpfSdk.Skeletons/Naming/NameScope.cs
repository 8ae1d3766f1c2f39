using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Naming;

/// <summary>One place where C# names must differ: a class, a group, a struct, an enum.</summary>
/// <param name="place">What the place is called in a message.</param>
/// <param name="suffix">What a C name takes when it meets a reserved one.</param>
/// <param name="reserved">The names the place has already.</param>
/// <param name="findings">Receives a diagnostic at both lines when two names meet.</param>
/// <param name="key">The prefix of the carrier's keys for names of this place, such as <c>struct event.</c>, by which equal names of two structs differ.</param>
internal sealed class NameScope(
    string place,
    string suffix,
    IEnumerable<string> reserved,
    Findings findings,
    string key = "")
{
    private readonly HashSet<string> _reserved = new(reserved, StringComparer.Ordinal);
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    private readonly HashSet<string> _underscored = new(StringComparer.Ordinal);

    /// <summary>
    /// Learns of C names before they are taken. Of those that differ in underscores alone (<c>i_nlink</c> and <c>__i_nlink</c> of one struct of the kernel's) the ones with
    /// more than it takes keep them.
    /// </summary>
    public void Foresee(IEnumerable<string> cNames)
    {
        foreach (IGrouping<string, string> alike in cNames.Distinct(StringComparer.Ordinal).GroupBy(CSharpNames.WithoutSpareUnderscores, StringComparer.Ordinal))
        {
            if (alike.Skip(1).Any())
            {
                _underscored.UnionWith(alike.Where(cName => cName != alike.Key));
            }
        }
    }

    /// <summary>Takes the C# name of a C name.</summary>
    /// <param name="kind">What it is in C: <c>map</c>, <c>struct</c>, <c>field</c>.</param>
    /// <param name="cName">Its C name.</param>
    /// <param name="name">The C# name.</param>
    /// <param name="line">Its line in the C file, 0 to have it looked up.</param>
    /// <returns>False when another C name has it; that has been reported.</returns>
    public bool TryClaim(string kind, string cName, out string name, int line = 0)
        => TryClaimAs(_underscored.Contains(cName) ? CSharpNames.ToPascalCaseWithUnderscores(cName) : CSharpNames.ToPascalCase(cName), kind, cName, out name, line);

    /// <summary>Takes a C# name that is already made.</summary>
    public bool TryClaimAs(string wanted, string kind, string cName, out string name, int line = 0)
    {
        name = _reserved.Contains(wanted) ? wanted + suffix : wanted;
        if (!_claims.TryGetValue(name, out Claim? holder))
        {
            _claims.Add(name, new Claim(kind, cName, line));
            return true;
        }

        findings.Add(DiagnosticIds.NameClash, key + cName, line, kind, cName, holder.Kind, holder.CName, name, place);
        findings.Add(DiagnosticIds.NameClash, key + holder.CName, holder.Line, holder.Kind, holder.CName, kind, cName, name, place);
        return false;
    }

    /// <summary>True for a name nobody has.</summary>
    public bool IsFree(string name) => !_reserved.Contains(name) && !_claims.ContainsKey(name);

    /// <summary>Takes a name for something that has none in C (an inline array); it steps aside for whoever was there.</summary>
    public string ClaimFree(string wanted, string kind, string cName)
    {
        string name = wanted;
        for (int next = 2; _reserved.Contains(name) || _claims.ContainsKey(name); next++)
        {
            name = $"{wanted}_{next}";
        }

        _claims.Add(name, new Claim(kind, cName, 0));
        return name;
    }

    private sealed record Claim(string Kind, string CName, int Line);
}

/// <summary>Names a generated class has already, by the place where a C name could meet them. A test compares the base classes' part with the library.</summary>
internal static class ReservedNames
{
    /// <summary>Every class and struct has these from <see cref="object"/>.</summary>
    public static readonly string[] OfObject =
    [
        "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "ReferenceEquals", "ToString",
    ];

    /// <summary>The skeleton's own groups and methods, and what it inherits.</summary>
    public static readonly string[] OfSkeleton =
    [
        "Attach", "Dispose", "DisposeAsync", "GlobalSet", "Globals", "LinkOf", "LinkSet", "Links", "Live", "MapSet", "Maps", "Open", "Preflight", "ProgramSet",
        "Programs", "Refused", "Spec", "StructOps", "StructOpsSet",
    ];

    /// <summary>A struct that adds up has a method for it.</summary>
    public const string Sum = "Add";

    /// <summary>A record of several kinds has these.</summary>
    public static readonly string[] OfEventUnion = ["SizeOf", "TryGet"];

    /// <summary>What says which kind a record is, where the C calls it otherwise.</summary>
    public const string Kind = "Kind";

    /// <summary>The spec of an operations table has these.</summary>
    public static readonly string[] OfTable = ["Enabled", "Table"];
}
