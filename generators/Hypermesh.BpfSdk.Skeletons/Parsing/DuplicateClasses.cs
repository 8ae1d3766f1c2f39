using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Sources whose class another source already has; the compiler would merge the two or stop the generator.</summary>
/// <param name="Refused">The later sources.</param>
/// <param name="Diagnostics">One at each of the two sources.</param>
internal sealed record DuplicateClasses(EquatableArray<ClassClaim> Refused, EquatableArray<DiagnosticInfo> Diagnostics)
{
    public static DuplicateClasses Find(IEnumerable<ClassClaim> claims)
    {
        // Names of generated files do not differ by case only.
        var holders = new Dictionary<string, ClassClaim>(StringComparer.OrdinalIgnoreCase);
        var refused = new List<ClassClaim>();
        var diagnostics = new List<DiagnosticInfo>();
        foreach (ClassClaim claim in claims.OrderBy(claim => claim.Source, StringComparer.Ordinal))
        {
            if (!holders.TryGetValue(claim.FullName, out ClassClaim? holder))
            {
                holders.Add(claim.FullName, claim);
                continue;
            }

            refused.Add(claim);
            diagnostics.Add(Diagnose(claim, holder));
            diagnostics.Add(Diagnose(holder, claim));
        }

        return new DuplicateClasses(refused.ToEquatableArray(), diagnostics.ToEquatableArray());
    }

    public bool IsRefused(string fullName, string source)
        => Refused.Any(claim => string.Equals(claim.Source, source, StringComparison.Ordinal) && string.Equals(claim.FullName, fullName, StringComparison.Ordinal));

    private static DiagnosticInfo Diagnose(ClassClaim at, ClassClaim other)
        => DiagnosticInfo.Create(DiagnosticIds.DuplicateClass, at.Source, 1, at.Source, other.Source, at.FullName);
}

/// <summary>A class and its source.</summary>
internal sealed record ClassClaim(string FullName, string Source);
