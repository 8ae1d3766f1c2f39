using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>Converts the pipeline's diagnostics to the compiler's.</summary>
internal static class DiagnosticReporting
{
    public static Diagnostic ToDiagnostic(this DiagnosticInfo info)
    {
        if (info.Path.Length == 0)
        {
            // About the project, not about a file.
            return Diagnostic.Create(DiagnosticDescriptors.Find(info.Id), Location.None, [.. info.Arguments]);
        }

        var position = new LinePosition(Math.Max(info.Line - 1, 0), 0);
        Location location = Location.Create(info.Path, default, new LinePositionSpan(position, position));
        return Diagnostic.Create(DiagnosticDescriptors.Find(info.Id), location, [.. info.Arguments]);
    }
}
