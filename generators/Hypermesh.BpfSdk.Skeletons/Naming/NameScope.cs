using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Skeletons.Naming;

/// <summary>A scope in which C# names must differ: a class, a group, a struct, an enum.</summary>
/// <param name="place">The name of the scope in a message.</param>
/// <param name="suffix">The suffix for a C name that is a reserved name.</param>
/// <param name="reserved">The names that the scope already has.</param>
/// <param name="findings">Receives a diagnostic at both lines when two names are equal.</param>
/// <param name="key">The prefix of the carrier's keys for names of this scope, such as <c>struct event.</c>, which distinguishes equal names of two structs.</param>
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
    /// Registers C names before they are claimed. Of names that differ only in underscores (<c>i_nlink</c> and <c>__i_nlink</c> of one struct of the kernel), those with
    /// additional underscores keep them.
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

    /// <summary>Claims the C# name of a C name.</summary>
    /// <param name="kind">Its kind in C: <c>map</c>, <c>struct</c>, <c>field</c>.</param>
    /// <param name="cName">Its C name.</param>
    /// <param name="name">The C# name.</param>
    /// <param name="line">Its line in the C file; 0 to look it up.</param>
    /// <returns>False when another C name has it; that has been reported.</returns>
    public bool TryClaim(string kind, string cName, out string name, int line = 0)
        => TryClaimAs(_underscored.Contains(cName) ? CSharpNames.ToPascalCaseWithUnderscores(cName) : CSharpNames.ToPascalCase(cName), kind, cName, out name, line);

    /// <summary>Claims a C# name that is already converted.</summary>
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

    /// <summary>Returns true for a name that is not claimed.</summary>
    public bool IsFree(string name) => !_reserved.Contains(name) && !_claims.ContainsKey(name);

    /// <summary>Claims a name for a type that has none in C (an inline array); a name that is taken gets a suffix.</summary>
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

/// <summary>The names that a generated class already has, by the scope in which a C name could conflict with them. A test compares those of the base classes with the library.</summary>
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
        "Attach", "Dispose", "DisposeAsync", "GlobalSet", "Globals", "HotReload", "LinkOf", "LinkSet", "Links", "Live", "MapSet", "Maps", "Open", "Preflight", "ProgramSet",
        "Programs", "Refused", "Spec", "StructOps", "StructOpsSet",
    ];

    /// <summary>A struct that is summed has a method for it.</summary>
    public const string Sum = "Add";

    /// <summary>A record of several kinds has these.</summary>
    public static readonly string[] OfEventUnion = ["SizeOf", "TryGet"];

    /// <summary>The alias of the kind of a record, where the C has another name for it.</summary>
    public const string Kind = "Kind";

    /// <summary>The spec of a struct_ops map has these.</summary>
    public static readonly string[] OfStructOpsMap = ["Enabled", "Spec"];
}
