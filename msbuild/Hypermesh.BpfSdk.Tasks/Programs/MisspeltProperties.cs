using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>
/// Finds misspelt properties of the SDK, which MSBuild accepts and nothing reads: in the project, in the files that a folder adds to its projects, in the lines of a one-file program, and
/// on the command line. Properties without a similar name, and those that the same files use themselves, are the project's own.
/// </summary>
internal static class MisspeltProperties
{
    private const string Prefix = "Bpf";

    // A shorter name is similar to many.
    private const int Shortest = 6;

    private static readonly string[] s_names =
    [
        "BpfAccessibility", "BpfCheckLayout", "BpfClangPath", "BpfCompileCommandsFile", "BpfDocumentation", "BpfEndianness", "BpfLibClangPath", "BpfMcpu", "BpfMinimumKernel", "BpfPrebuilt",
        "BpfUpdatePrebuilt", "BpfVerify", "BpfVerifyCommand", "BpfVmlinux", "BpfVmlinuxTypes", "EnableDefaultBpfItems",
    ];

    // Names that people expect, and those of metadata and items, which have a message of their own.
    private static readonly Dictionary<string, string> s_otherWords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["BpfKernel"] = "BpfMinimumKernel",
        ["BpfMinKernel"] = "BpfMinimumKernel",
        ["BpfKernelVersion"] = "BpfMinimumKernel",
        ["BpfMinimumKernelVersion"] = "BpfMinimumKernel",
        ["BpfOldestKernel"] = "BpfMinimumKernel",
        ["BpfCompiler"] = "BpfClangPath",
        ["BpfCompilerPath"] = "BpfClangPath",
        ["BpfIncludePath"] = "",
        ["BpfIncludePaths"] = "",
        ["BpfDefines"] = "",
        ["BpfAdditionalOptions"] = "",
    };

    private static readonly Regex s_directive = new(@"^#:property\s+(?<name>\w+)\s*=\s*(?<value>.*?)\s*$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Returns the misspelt properties that some files set, each with the name that it means.</summary>
    /// <param name="files">The project, the files that its folder adds, and the C# file of a one-file program. Those that do not exist are left out.</param>
    /// <param name="commandLine">The properties of the command line.</param>
    public static IReadOnlyList<MisspeltProperty> In(IEnumerable<string> files, IEnumerable<KeyValuePair<string, string>> commandLine)
    {
        // Nearly no project has one, and this runs in each build.
        (string Path, string Text)[] texts = [.. files.Where(File.Exists).Distinct(StringComparer.Ordinal).Select(static file => (file, File.ReadAllText(file)))];
        return [.. texts.SelectMany(static one => SetIn(one.Path, one.Text)).Concat(commandLine.Select(static one => new MisspeltProperty("", 0, one.Key, one.Value, "")))
            .Select(static set => set with { Known = Meant(set.Name) })
            .Where(set => set.Known.Length > 0 && !texts.Any(one => one.Text.IndexOf($"$({set.Name}", StringComparison.OrdinalIgnoreCase) >= 0))];
    }

    /// <summary>Returns the name that a misspelt one means; empty for a known name, and for one of the project's own.</summary>
    public static string Meant(string name)
    {
        bool isOurs = name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) || name.StartsWith("EnableDefaultBpf", StringComparison.OrdinalIgnoreCase);
        if (!isOurs || name.Length < Shortest || s_names.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return "";
        }

        return s_otherWords.TryGetValue(name, out string? other) ? other : KnownMetadata.Nearest(name, s_names);
    }

    private static IEnumerable<MisspeltProperty> SetIn(string path, string text)
    {
        if (text.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase) < 0)
        {
            return [];
        }

        if (path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
        {
            return text.Split('\n').Select(static (line, i) => (Match: s_directive.Match(line), Line: i + 1)).Where(static one => one.Match.Success)
                .Select(one => new MisspeltProperty(path, one.Line, one.Match.Groups["name"].Value, one.Match.Groups["value"].Value, ""));
        }

        return ProjectText.Parse(text) is not { Root: { } root } ? [] : root.Descendants().Where(static group => group.Name.LocalName == "PropertyGroup").Elements()
            .Select(property => new MisspeltProperty(path, ((IXmlLineInfo)property).LineNumber, property.Name.LocalName, property.Value, ""));
    }
}

/// <summary>A property that is set and that nothing reads.</summary>
/// <param name="File">Where it is set; empty for the command line.</param>
/// <param name="Line">The line there.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, as it is written.</param>
/// <param name="Known">The name that it means.</param>
internal sealed record MisspeltProperty(string File, int Line, string Name, string Value, string Known);
