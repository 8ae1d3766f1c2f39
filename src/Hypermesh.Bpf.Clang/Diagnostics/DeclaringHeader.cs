using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>
/// Finds the header that a C file lacks: the one that defines the name clang does not know. It searches the headers that are installed, so it knows every macro, function,
/// constant and struct that they have.
/// </summary>
/// <param name="source">The C file.</param>
/// <param name="searched">Returns the folders in which headers are searched; called only where a name is unknown.</param>
internal sealed class DeclaringHeader(string source, Func<IEnumerable<string>> searched)
{
    private const string OfLibbpf = "bpf";
    private const string OfKernel = "linux";

    // Other headers of libbpf are for programs that load BPF.
    private static readonly Regex s_ofPrograms = Of("^(bpf_(helpers|helper_defs|tracing|core_read|endian)|.+\\.bpf)\\.h$");

    // The headers that define them are of no use alone: which of them is right depends on the architecture.
    private static readonly Regex s_integer = Of("^__([us](8|16|32|64)|[bl]e(16|32|64))$");
    private static readonly Regex s_parts = Of("^(?<name>\\w+?)(-base|-common)?\\.h$");
    private static readonly Regex s_comment = new("/\\*.*?(\\*/|$)|//[^\\n]*", RegexOptions.CultureInvariant | RegexOptions.Singleline, TimeSpan.FromSeconds(5));
    // Words of C that stand before a bracket: headers define some of them too, for other compilers.
    private static readonly HashSet<string> s_keywords = new(StringComparer.Ordinal) { "int", "if", "for", "while", "switch", "return", "sizeof", "typeof", "__typeof__", "_Static_assert", "asm", "__attribute__" };

    private static readonly Regex s_word = Of("\\b[A-Za-z_]\\w*(?=\\s*\\()");

    private readonly Dictionary<string, string?> _known = new(StringComparer.Ordinal);
    private string[]? _folders;
    private IncludedHeaders? _included;

    private string[] Folders => _folders ??= [.. searched().Where(static folder => folder.Length > 0).Distinct(StringComparer.Ordinal)];

    private IncludedHeaders Included => _included ??= IncludedHeaders.Of(source, Folders);

    /// <summary>Returns what to write so that a name of libbpf or of this package is known; null for another name, and where its header is included already.</summary>
    public string? OfPrograms(string name) => Remembered("p:" + name, () => InFolder("hypermesh", name, static _ => true) ?? InFolder(OfLibbpf, name, s_ofPrograms.IsMatch));

    /// <summary>Returns what to write so that a name of the kernel's headers for programs is known; null for another name, and where its header is included already.</summary>
    public string? OfKernelHeaders(string name)
        => s_integer.IsMatch(name) ? $"#include <linux/types.h> defines {name}"
            : Remembered("k:" + name, () => InFolder(OfKernel, name, static _ => true) ?? InFolder("asm", name, static _ => true) ?? InFolder("asm-generic", name, static _ => true));

    /// <summary>Returns what to write for the first macro of libbpf or of this package in a line whose header the C file lacks; null where there is none.</summary>
    public string? OfLine(string line)
        => s_word.Matches(line).Cast<Match>().Select(word => word.Value).Where(static word => !s_keywords.Contains(word)).Select(OfPrograms).FirstOrDefault(static remedy => remedy is not null);

    private string? Remembered(string key, Func<string?> find)
    {
        if (!_known.TryGetValue(key, out string? remedy))
        {
            _known[key] = remedy = find();
        }

        return remedy;
    }

    private string? InFolder(string folder, string name, Func<string, bool> isWanted)
    {
        Regex definition = Definition(name);
        foreach (string path in Folders.Select(searchedFolder => Path.Combine(searchedFolder, folder)).Where(Directory.Exists))
        {
            // A name that several headers have is most at home in the one with the shortest name.
            foreach (string header in Directory.GetFiles(path, "*.h").Where(header => isWanted(Path.GetFileName(header))).OrderBy(static header => header.Length).ThenBy(static header => header, StringComparer.Ordinal))
            {
                string text = IncludedHeaders.TextOf(header);
                if (text.Contains(name) && definition.Match(s_comment.Replace(text, " ")) is { Success: true } found)
                {
                    return Included.Has(header) ? null : Remedy(name, folder, header, found.Groups["value"].Value.Trim());
                }
            }
        }

        return null;
    }

    // A header that needs the C library, or is beside vmlinux.h, cannot be included. A constant can then be written.
    private string? Remedy(string name, string folder, string header, string value)
    {
        string named = Named(folder, header);
        string? why = folder is "hypermesh" or OfLibbpf ? null
            : Included.HasVmlinux ? $"vmlinux.h has no macros, and <{named}> cannot be included beside it"
            : IncludedHeaders.Of(header, Folders).HasLibrary ? $"<{named}> has it, and needs the C library, which BPF programs do not have"
            : null;
        return why is null ? $"#include <{named}> defines {name}"
            : value.Length > 0 ? $"{why}: write #define {name} {value}"
            : null;
    }

    // The header that a C file includes: bpf_helpers.h includes the definitions of the helpers, and linux/errno.h those of asm-generic/errno-base.h.
    private string Named(string folder, string header)
    {
        string file = Path.GetFileName(header);
        if (folder == OfLibbpf && file == "bpf_helper_defs.h")
        {
            return "bpf/bpf_helpers.h";
        }

        string whole = s_parts.Match(file) is { Success: true } parts ? parts.Groups["name"].Value + ".h" : file;
        return folder.StartsWith("asm", StringComparison.Ordinal) && Array.Find([OfKernel, "asm"], other => Folders.Any(searchedFolder => IncludedHeaders.Of(Path.Combine(searchedFolder, other, whole), Folders).Has(header))) is { } users
            ? $"{users}/{whole}"
            : $"{folder}/{file}";
    }

    // A macro, a struct, an enum, a constant of an enum, a typedef, or a function in a header.
    private static Regex Definition(string name)
    {
        string word = Regex.Escape(name);
        return new Regex(
            $"^[ \\t]*#[ \\t]*define[ \\t]+{word}(?:[ \\t]+(?<value>[^\\\\\\n]+)$|\\b)|^(struct|union|enum)\\s+{word}\\s*\\{{|\\benum\\b[^;{{}}]*\\{{[^{{}}]*\\b{word}\\s*[,=}}]"
            + $"|^typedef\\b[^;{{}}]*\\b{word}\\s*;|^\\}}\\s*{word}\\s*;|^static\\b[^;{{}}=]*\\b{word}\\s*\\(|^static\\b[^;{{}}()]*\\(\\s*\\*\\s*(const\\s+)?{word}\\)\\s*\\(",
            RegexOptions.CultureInvariant | RegexOptions.Multiline,
            TimeSpan.FromSeconds(5));
    }

    private static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
