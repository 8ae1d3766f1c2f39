using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>The headers that a C file includes, also those that its headers include. Conditions are not evaluated: a header counts also where an #if leaves it out.</summary>
internal sealed class IncludedHeaders
{
    // vmlinux.h alone has more than a hundred thousand lines, and includes nothing.
    private const string Vmlinux = "vmlinux.h";
    private const int MostHeaders = 500;

    private static readonly Regex s_include = new("^[ \\t]*#[ \\t]*include[ \\t]*[<\"](?<header>[^>\"\\n]+)[>\"]", RegexOptions.CultureInvariant | RegexOptions.Multiline, TimeSpan.FromSeconds(1));

    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    private IncludedHeaders(string source, string[] searched) => Read(source, searched);

    /// <summary>True when one of them is the header with the kernel's types.</summary>
    public bool HasVmlinux { get; private set; }

    /// <summary>True when one of them is a header of the C library.</summary>
    public bool HasLibrary { get; private set; }

    /// <summary>Reads the headers of a C file or a header.</summary>
    /// <param name="source">The C file.</param>
    /// <param name="searched">The folders in which headers are searched.</param>
    public static IncludedHeaders Of(string source, IEnumerable<string> searched) => new(source, [.. searched]);

    /// <summary>Returns true when the header is one of them.</summary>
    public bool Has(string path) => _paths.Contains(Path.GetFullPath(path));

    private void Read(string file, string[] searched)
    {
        string text = TextOf(file);
        foreach (Match include in s_include.Matches(text))
        {
            string header = include.Groups["header"].Value;
            HasLibrary |= CLibrary.OfHeader(header) is not null;
            if (Path.GetFileName(header) == Vmlinux)
            {
                HasVmlinux = true;
            }
            else if (searched.Prepend(Path.GetDirectoryName(file)!).Select(folder => Path.Combine(folder, header)).FirstOrDefault(File.Exists) is { } found
                && _paths.Count < MostHeaders && _paths.Add(Path.GetFullPath(found)))
            {
                Read(found, searched);
            }
        }
    }

    /// <summary>Returns the text of a file; empty where it cannot be read.</summary>
    internal static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
