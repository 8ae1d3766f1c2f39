namespace Hypermesh.BpfSdk.Generators.Diagnostics;

/// <summary>
/// Where a diagnostic is explained. There is no host to point at: the pages travel in the package, one file an id, and the link is
/// the page's path from the package's folder, as the package's README says.
/// </summary>
internal static class HelpPages
{
    public static string Of(string id) => $"Hypermesh.BpfSdk/docs/rules/{id}.md";
}
