using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.BpfSdk.Tasks.Files;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>
/// Finds the names in C files and in the headers that they include, directly or not. Headers are searched beside the file that includes them and in the folders that the item
/// names. Nothing is preprocessed: a name in a branch that is not taken costs a few lines in the header, while a missed name would be an error.
/// </summary>
internal sealed class IncludedNames
{
    private const string TracepointType = "btf_trace_";

    // Also headers that a macro names, for #include MACRO.
    private static readonly Regex s_include = new(
        """^[ \t]*#[ \t]*(?:include|include_next|import|define[ \t]+\w+)[ \t]*["<]([^">\r\n]+)[">]""", RegexOptions.Multiline | RegexOptions.CultureInvariant);

    // The kernel's type of such a tracepoint has its arguments, with which those of BPF_PROG are compared.
    private static readonly Regex s_tracepoint = new("""\bSEC\s*\(\s*"(?:tp_btf|raw_tp|raw_tracepoint)(?:\.w)?/(\w+)""", RegexOptions.CultureInvariant);

    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _projectDirectory;
    private readonly string _packageIncludes;
    private readonly string _made;
    private readonly LinkedFiles _disk;

    private IncludedNames(string projectDirectory, string packageIncludes, string made, LinkedFiles disk)
    {
        _projectDirectory = projectDirectory;
        _packageIncludes = packageIncludes;
        _made = made;
        _disk = disk;
    }

    /// <summary>Finds the names.</summary>
    /// <param name="sources">The <c>BpfCompile</c> items.</param>
    /// <param name="projectDirectory">The folder relative paths start from.</param>
    /// <param name="packageIncludes">The folder of the package's headers; empty for none.</param>
    /// <param name="made">The header that is generated from the names; its own names do not count.</param>
    /// <param name="disk">Reads the state of files.</param>
    public static IReadOnlyCollection<string> Of(IEnumerable<ITaskItem> sources, string projectDirectory, string packageIncludes, string made, LinkedFiles disk)
    {
        var included = new IncludedNames(projectDirectory, packageIncludes, made, disk);
        foreach (ITaskItem source in sources)
        {
            included.Add(source);
        }

        return included._names;
    }

    private void Add(ITaskItem source)
    {
        string[] options = [.. ResponseFile.Split(source.GetMetadata("AdditionalOptions"))];
        string[] folders =
        [
            .. source.GetMetadata("IncludePaths").Split(';', '\r', '\n').Select(static path => path.Trim()).Concat(ClangArguments.SearchedFolders(options)).Append(_packageIncludes)
                .Where(static path => path.Length > 0).Select(path => _disk.Full(_projectDirectory, path)),
        ];
        var seen = new HashSet<string>(StringComparer.Ordinal) { _made };
        var waiting = new Stack<string>(ClangArguments.ValuesOf(options, "-include", "-imacros").SelectMany(name => Places(_projectDirectory, name, folders)));
        waiting.Push(_disk.Full(_projectDirectory, source.ItemSpec));
        while (waiting.Count > 0)
        {
            string path = waiting.Pop();
            if (!seen.Add(path))
            {
                continue;
            }

            string text = File.ReadAllText(path);
            _names.UnionWith(CIdentifiers.In(text));
            _names.UnionWith(s_tracepoint.Matches(text).Cast<Match>().Select(static section => TracepointType + section.Groups[1].Value));
            foreach (Match include in s_include.Matches(text))
            {
                foreach (string place in Places(Path.GetDirectoryName(path)!, include.Groups[1].Value, folders))
                {
                    waiting.Push(place);
                }
            }
        }
    }

    // Which of several headers clang takes is not known here, so the names of all of them count.
    private IEnumerable<string> Places(string beside, string name, IEnumerable<string> folders)
        => folders.Prepend(beside).Select(folder => _disk.Full(folder, name.Trim())).Where(File.Exists);
}
