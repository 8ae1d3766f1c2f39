using System.Globalization;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>The cache of the answers of this machine's clangs, in obj, so that a build that compiles nothing starts no clang.</summary>
internal sealed class ClangCache
{
    private const string Format = "hypermesh-clang 4";
    private const char Separator = '\t';

    private readonly string _path;
    private readonly Dictionary<string, string[]> _answers = new(StringComparer.Ordinal);
    private bool _isChanged;

    /// <summary>Reads the cache; it is empty when the file is missing or has another format.</summary>
    public ClangCache(string path)
    {
        _path = path;
        string[] lines = ContentFile.ReadOrNull(path)?.Split('\n') ?? [];
        if (lines.Length > 0 && lines[0] == Format)
        {
            foreach (string line in lines)
            {
                string[] fields = line.Split(Separator);
                if (fields.Length >= 6 && int.TryParse(fields[3], out _))
                {
                    _answers[Key(fields[0], fields[1])] = fields;
                }
            }
        }
    }

    /// <summary>Returns the cached answer for the current version of the program, or the answer of <paramref name="ask"/>.</summary>
    public ClangInstallation Get(string path, Func<string, ClangInstallation> ask)
    {
        string identity = Identity(path);
        string key = Key(path, identity);
        if (_answers.TryGetValue(key, out string[]? kept))
        {
            return new ClangInstallation(path, kept[2], int.Parse(kept[3], CultureInfo.InvariantCulture), kept[4] == "bpf", kept[5], kept.AsSpan(6).ToArray());
        }

        ClangInstallation answer = ask(path);
        _answers[key] =
        [
            path,
            identity,
            answer.Version,
            answer.Major.ToString(CultureInfo.InvariantCulture),
            answer.HasBpf ? "bpf" : "",
            answer.ResourceDirectory,
            .. answer.SystemIncludes,
        ];
        _isChanged = true;
        return answer;
    }

    /// <summary>Writes the cache if an answer was added.</summary>
    public void Save()
    {
        if (_isChanged)
        {
            ContentFile.WriteWhenDifferent(_path, string.Join("\n", [Format, .. _answers.Values.Select(fields => string.Join(Separator.ToString(), fields))]));
        }
    }

    private static string Key(string path, string identity) => path + Separator + identity;

    // A symbolic link keeps its time when what it points to is replaced; the length is that of the program itself.
    private static string Identity(string path)
    {
        using FileStream program = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
        return File.GetLastWriteTimeUtc(path).Ticks.ToString(CultureInfo.InvariantCulture) + "." + program.Length.ToString(CultureInfo.InvariantCulture);
    }
}
