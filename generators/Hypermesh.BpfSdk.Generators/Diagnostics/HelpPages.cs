namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>
/// The page that explains a diagnostic. The pages are not on a web site but in the package, one file for each ID, and the link is
/// the page's path from the package's folder, as the package's README says.
/// </summary>
internal static class HelpPages
{
    public static string Of(string id) => $"Hypermesh.BpfSdk/docs/rules/{id}.md";
}
