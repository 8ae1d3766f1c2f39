using System.Reflection;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>A rule's page, as it travels in the package.</summary>
internal sealed class RulePage
{
    private readonly Dictionary<string, string> _sections = new(StringComparer.Ordinal);

    private RulePage(string id, string heading)
    {
        Id = id;
        Heading = heading;
    }

    public static string Folder { get; } = Path.GetFullPath(Path.Combine(
        typeof(RulePage).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "SourceDirectory").Value!,
        "../../msbuild/Hypermesh.BpfSdk/docs/rules"));

    public static IReadOnlyList<RulePage> All { get; } = [.. Directory.GetFiles(Folder, "HMBPF*.md").Order(StringComparer.Ordinal).Select(Read)];

    public string Id { get; }

    public string Heading { get; }

    public IEnumerable<string> Sections => _sections.Keys;

    public string this[string section] => _sections.GetValueOrDefault(section, "");

    public static RulePage Of(string id) => All.Single(page => page.Id == id);

    /// <summary>The code of a section in a language; null without.</summary>
    public string? Code(string section, string language)
    {
        string text = this[section];
        string fence = $"```{language}\n";
        int start = text.IndexOf(fence, StringComparison.Ordinal);
        return start < 0 ? null : text[(start + fence.Length)..text.IndexOf("```", start + fence.Length, StringComparison.Ordinal)];
    }

    private static RulePage Read(string path)
    {
        string[] lines = File.ReadAllLines(path);
        var page = new RulePage(Path.GetFileNameWithoutExtension(path), lines[0]);
        string section = "";
        bool isCode = false;
        foreach (string line in lines.Skip(1))
        {
            isCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!isCode && line.StartsWith("## ", StringComparison.Ordinal))
            {
                section = line[3..];
                page._sections.Add(section, "");
            }
            else if (section.Length > 0)
            {
                page._sections[section] += line + "\n";
            }
        }

        return page;
    }
}
