using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>
/// Finds properties of the SDK that are misspelt, or have a value that is none of theirs, which MSBuild accepts and nothing reads: in the project, in the files that a folder adds to its projects, in the lines of a one-file program, and
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

    // The properties whose values are words, but for those with a message of their own (BpfVmlinux, BpfEndianness, BpfAccessibility).
    private static readonly Dictionary<string, string[]> s_values = new(StringComparer.OrdinalIgnoreCase)
    {
        ["BpfCheckLayout"] = ["true", "false"],
        ["BpfDocumentation"] = ["true", "false", "required"],
        ["BpfUpdatePrebuilt"] = ["true", "false"],
        ["BpfVerify"] = ["true", "false"],
        ["EnableDefaultBpfItems"] = ["true", "false"],
    };

    private static readonly HashSet<string> s_no = new(StringComparer.OrdinalIgnoreCase) { "no", "off", "0", "disable", "disabled", "none", "never" };

    private static readonly Regex s_directive = new(@"^#:property\s+(?<name>\w+)\s*=\s*(?<value>.*?)\s*$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Returns the properties without effect that some files set, each with what it means.</summary>
    /// <param name="files">The project, the files that its folder adds, and the C# file of a one-file program. Those that do not exist are left out.</param>
    /// <param name="commandLine">The properties of the command line.</param>
    public static IReadOnlyList<MisspeltProperty> In(IEnumerable<string> files, IEnumerable<KeyValuePair<string, string>> commandLine)
    {
        // Nearly no project has one, and this runs in each build.
        (string Path, string Text)[] texts = [.. files.Where(File.Exists).Distinct(StringComparer.Ordinal).Select(static file => (file, File.ReadAllText(file)))];
        return [.. texts.SelectMany(static one => SetIn(one.Path, one.Text)).Concat(commandLine.Select(static one => new MisspeltProperty("", 0, one.Key, one.Value)))
            .Select(static set => set with { Known = Meant(set.Name), Values = Values(set.Name, set.Value) })
            .Where(set => set.Values.Count > 0 || (set.Known.Length > 0 && !texts.Any(one => one.Text.IndexOf($"$({set.Name}", StringComparison.OrdinalIgnoreCase) >= 0)))];
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

    /// <summary>Returns the value that is meant by one that a property cannot have.</summary>
    public static string MeantValue(string value, IReadOnlyList<string> values)
    {
        string word = value.Trim(), nearest = KnownMetadata.Nearest(word, [.. values]);
        return s_no.Contains(word) ? "false" : nearest.Length > 0 ? nearest : "true";
    }

    // The values that a property can have, where it has another one; one that MSBuild computes is not known here.
    private static IReadOnlyList<string> Values(string name, string value)
        => value.Length > 0 && value.IndexOf("$(", StringComparison.Ordinal) < 0 && s_values.TryGetValue(name, out string[]? values) && !values.Contains(value, StringComparer.OrdinalIgnoreCase) ? values : [];

    private static IEnumerable<MisspeltProperty> SetIn(string path, string text)
    {
        if (text.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase) < 0)
        {
            return [];
        }

        if (path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase))
        {
            return text.Split('\n').Select(static (line, i) => (Match: s_directive.Match(line), Line: i + 1)).Where(static one => one.Match.Success)
                .Select(one => new MisspeltProperty(path, one.Line, one.Match.Groups["name"].Value, one.Match.Groups["value"].Value));
        }

        return ProjectText.Parse(text) is not { Root: { } root } ? [] : root.Descendants().Where(static group => group.Name.LocalName == "PropertyGroup").Elements()
            .Select(property => new MisspeltProperty(path, ((IXmlLineInfo)property).LineNumber, property.Name.LocalName, property.Value));
    }
}

/// <summary>A property that is set without effect.</summary>
/// <param name="File">Where it is set; empty for the command line.</param>
/// <param name="Line">The line there.</param>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, as it is written.</param>
internal sealed record MisspeltProperty(string File, int Line, string Name, string Value)
{
    /// <summary>The name that it means; empty where its name is right.</summary>
    public string Known { get; init; } = "";

    /// <summary>The values that it can have; empty where its value is one of them, or is not a word.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>What is wrong, and what to write.</summary>
    public string Explain()
    {
        string name = Known.Length > 0 ? Known : Name, value = Values.Count > 0 ? MisspeltProperties.MeantValue(Value, Values) : Value;
        string remedy = File.Length == 0 ? $"-p:{name}={value}" : File.EndsWith(".cs", StringComparison.OrdinalIgnoreCase) ? $"#:property {name}={value}" : $"<{name}>{value}</{name}>";
        string fault = Values.Count > 0 ? $"The property {Name} is '{Value}', which has no effect: it can be {string.Join(" or ", Values)}." : $"The property {Name} has no effect: nothing reads it.";
        return $"{fault} Write {remedy}.";
    }
}
