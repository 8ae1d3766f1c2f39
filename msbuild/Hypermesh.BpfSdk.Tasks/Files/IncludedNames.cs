using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.BpfSdk.Tasks.Clang;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>
/// The names in C files and in the headers of the project they include, however far in: what is found beside the file that includes it, or in a folder its item names.
/// Nothing is preprocessed: a name in a branch that is not taken costs a few lines of a header, one that is missed an error.
/// </summary>
internal sealed class IncludedNames
{
    // Also a header whose name stands in a macro: #include MACRO takes it.
    private static readonly Regex s_include = new(
        """^[ \t]*#[ \t]*(?:include|include_next|import|define[ \t]+\w+)[ \t]*["<]([^">\r\n]+)[">]""", RegexOptions.Multiline | RegexOptions.CultureInvariant);

    private readonly SortedSet<string> _names = new(StringComparer.Ordinal);
    private readonly string _projectDirectory;
    private readonly string _made;

    private IncludedNames(string projectDirectory, string made)
    {
        _projectDirectory = projectDirectory;
        _made = made;
    }

    /// <summary>Finds them.</summary>
    /// <param name="sources">The <c>BpfCompile</c> items.</param>
    /// <param name="projectDirectory">The folder relative paths start from.</param>
    /// <param name="made">The header that is made of the names, whose own do not count.</param>
    public static IReadOnlyCollection<string> Of(IEnumerable<ITaskItem> sources, string projectDirectory, string made)
    {
        var included = new IncludedNames(projectDirectory, made);
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
            .. source.GetMetadata("IncludePaths").Split(';', '\r', '\n').Select(static path => path.Trim()).Concat(Arguments(options, "-I", "-iquote", "-isystem", "-idirafter"))
                .Where(static path => path.Length > 0).Select(path => Path.Combine(_projectDirectory, path)),
        ];
        var seen = new HashSet<string>(StringComparer.Ordinal) { _made };
        var waiting = new Stack<string>(Arguments(options, "-include", "-imacros").SelectMany(name => Places(_projectDirectory, name, folders)));
        waiting.Push(source.GetMetadata("FullPath"));
        while (waiting.Count > 0)
        {
            string path = waiting.Pop();
            if (!seen.Add(path))
            {
                continue;
            }

            string text = File.ReadAllText(path);
            _names.UnionWith(CIdentifiers.In(text));
            foreach (Match include in s_include.Matches(text))
            {
                foreach (string place in Places(Path.GetDirectoryName(path)!, include.Groups[1].Value, folders))
                {
                    waiting.Push(place);
                }
            }
        }
    }

    // Which of several clang takes depends on more than is known here: the names of all are wanted.
    private static IEnumerable<string> Places(string beside, string name, IEnumerable<string> folders)
        => folders.Prepend(beside).Select(folder => Path.GetFullPath(Path.Combine(folder, name.Trim()))).Where(File.Exists);

    // Both -Ifolder and -I folder.
    private static IEnumerable<string> Arguments(string[] options, params string[] names)
    {
        for (int i = 0; i < options.Length; i++)
        {
            // The longest: -include is no -I with a folder of the name nclude.
            string? name = names.Where(option => options[i].StartsWith(option, StringComparison.Ordinal)).OrderByDescending(static option => option.Length).FirstOrDefault();
            if (name is not null && options[i].Length > name.Length)
            {
                yield return options[i].Substring(name.Length).TrimStart('=');
            }
            else if (name is not null && i + 1 < options.Length)
            {
                yield return options[++i];
            }
        }
    }
}
