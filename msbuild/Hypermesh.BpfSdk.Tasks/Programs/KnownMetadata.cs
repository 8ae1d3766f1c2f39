using Hypermesh.Bpf.Objects.NameMatching;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>Finds misspelt metadata of BpfCompile items, which MSBuild accepts and nothing reads. Metadata without a similar name is the project's own.</summary>
internal static class KnownMetadata
{
    private static readonly string[] s_names = ["Accessibility", "AdditionalOptions", "ClassName", "Defines", "Endianness", "IncludePaths", "Mcpu", "MinimumKernel", "Namespace"];

    // Words of clang, of MSBuild's C++ projects and of the properties.
    private static readonly Dictionary<string, string> s_otherWords = new(StringComparer.OrdinalIgnoreCase)
    {
        ["PreprocessorDefinitions"] = "Defines",
        ["DefineConstants"] = "Defines",
        ["Macros"] = "Defines",
        ["AdditionalIncludeDirectories"] = "IncludePaths",
        ["Headers"] = "IncludePaths",
        ["IncludeDirs"] = "IncludePaths",
        ["IncludeDirectories"] = "IncludePaths",
        ["Flags"] = "AdditionalOptions",
        ["CFlags"] = "AdditionalOptions",
        ["Arguments"] = "AdditionalOptions",
        ["Cpu"] = "Mcpu",
        ["Class"] = "ClassName",
        ["MinKernel"] = "MinimumKernel",
        ["KernelVersion"] = "MinimumKernel",
        ["BpfMcpu"] = "Mcpu",
        ["BpfMinimumKernel"] = "MinimumKernel",
        ["BpfEndianness"] = "Endianness",
        ["BpfAccessibility"] = "Accessibility",
        ["RootNamespace"] = "Namespace",
    };

    // What MSBuild and editors set or read.
    private static readonly HashSet<string> s_others = new(StringComparer.OrdinalIgnoreCase) { "Generator", "Link", "LinkBase", "Name", "Visible", "Pack", "PackagePath", "DependentUpon" };

    /// <summary>Returns the misspelt names of an item, each with the known name.</summary>
    public static IEnumerable<(string Written, string Known)> Misspelt(ITaskItem item)
        => item.CloneCustomMetadata().Keys.Cast<string>().OrderBy(static name => name, StringComparer.Ordinal)
            .Select(static name => (name, Meant(name)))
            .Where(static one => one.Item2.Length > 0);

    /// <summary>Returns the name that a misspelt one means; empty for a known name, and for one of the project's own.</summary>
    public static string Meant(string name)
    {
        if (s_others.Contains(name) || s_names.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return "";
        }

        if (s_otherWords.TryGetValue(name, out string? other))
        {
            return other;
        }

        return Nearest(name, s_names);
    }

    /// <summary>Returns the most similar name; empty where none is similar. MSBuild compares metadata and properties without case.</summary>
    internal static string Nearest(string name, string[] names)
    {
        var near = new NearNames(name.ToLowerInvariant());
        foreach (string known in names)
        {
            near.See(known.ToLowerInvariant());
        }

        return near.Best.Count > 0 ? Array.Find(names, known => string.Equals(known, near.Best[0], StringComparison.OrdinalIgnoreCase))! : "";
    }
}
