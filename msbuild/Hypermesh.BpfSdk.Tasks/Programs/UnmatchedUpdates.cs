using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>
/// Finds the BpfCompile elements of a project with an Update that changes no item. MSBuild evaluates them without a message and without a result, so they are read in the
/// project itself. Elements with a condition, and names that MSBuild computes, are not certain and are left out.
/// </summary>
internal static class UnmatchedUpdates
{
    private const string Item = "BpfCompile";
    private const string Update = "Update";

    /// <summary>Returns the names that change no item, each with its line.</summary>
    /// <param name="project">The project's file.</param>
    /// <param name="directory">Its folder.</param>
    /// <param name="sources">The full paths of the items.</param>
    public static IReadOnlyList<(string Name, int Line)> In(string project, string directory, IReadOnlyCollection<string> sources)
    {
        // Nearly every project has none, and this runs in each build.
        string text = File.Exists(project) ? File.ReadAllText(project) : "";
        return text.Contains(Item) && text.Contains(Update) && ProjectText.Parse(text) is { Root: { } root }
            ? [.. Elements(root, "ItemGroup").SelectMany(static group => Elements(group, Item)).SelectMany(item => Names(item)
                .Where(name => !sources.Any(source => Matches(source, directory, name)) && !IsLeftOut(directory, name))
                .Select(name => (name, ((IXmlLineInfo)item).LineNumber)))]
            : [];
    }

    // Without regard to the namespace that old projects have.
    private static IEnumerable<XElement> Elements(XElement parent, string name)
        => parent.Elements().Where(element => element.Name.LocalName == name && element.Attribute("Condition") is null);

    private static IEnumerable<string> Names(XElement item)
        => (item.Attribute(Update)?.Value ?? "").Split(';').Select(static name => name.Trim()).Where(static name => name.Length > 0 && name.IndexOfAny(['$', '@', '%']) < 0);

    private static bool Matches(string source, string directory, string name)
    {
        string path = FullPath(directory, name);
        string pattern = Regex.Replace(Regex.Escape(path), @"\\\*\\\*/|\\\*\\\*|\\\*|\\\?", static wildcard => wildcard.Value switch
        {
            @"\*\*/" => "(.*/)?",
            @"\*\*" => ".*",
            @"\*" => "[^/]*",
            _ => "[^/]",
        });
        return Regex.IsMatch(source.Replace('\\', '/'), $"^{pattern}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
    }

    // An item that another file of the project removes, perhaps not in each configuration.
    private static bool IsLeftOut(string directory, string name) => name.EndsWith(".bpf.c", StringComparison.OrdinalIgnoreCase) && File.Exists(FullPath(directory, name));

    // Wildcards stay as they are: they are legal in names of files here.
    private static string FullPath(string directory, string name)
    {
        string path = name.Replace('\\', '/');
        var parts = new List<string>();
        foreach (string part in (path.StartsWith("/", StringComparison.Ordinal) ? path : $"{directory.Replace('\\', '/')}/{path}").Split('/'))
        {
            if (part == ".." && parts.Count > 1)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not "." && (part.Length > 0 || parts.Count == 0))
            {
                parts.Add(part);
            }
        }

        return string.Join("/", parts);
    }
}
