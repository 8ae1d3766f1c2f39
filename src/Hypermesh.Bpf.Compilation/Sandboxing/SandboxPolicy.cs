using System.Globalization;

namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>What the launcher sets before it becomes the program, as the words of its command line.</summary>
internal sealed record SandboxPolicy
{
    /// <summary>The word that makes a program the launcher.</summary>
    internal const string Verb = "--hypermesh-sandbox";

    /// <summary>The user and group that replace root.</summary>
    internal const uint Nobody = 65534;

    private const string End = "--";

    /// <summary>The process that the launcher ends with.</summary>
    internal required int Parent { get; init; }

    /// <summary>True when the user is root, which becomes <see cref="Nobody"/>.</summary>
    internal required bool DropsUser { get; init; }

    internal required SandboxLimits Limits { get; init; }

    /// <summary>The only folders and files that can be read.</summary>
    internal required IReadOnlyList<string> Readable { get; init; }

    /// <summary>The only folder that can be written to.</summary>
    internal required string Writable { get; init; }

    /// <summary>The program and its arguments.</summary>
    internal required IReadOnlyList<string> Program { get; init; }

    internal string[] ToArguments() =>
    [
        Verb,
        $"parent={Parent}",
        $"drop={(DropsUser ? 1 : 0)}",
        string.Create(CultureInfo.InvariantCulture, $"cpu={(long)Math.Ceiling(Limits.CpuTime.TotalSeconds)}"),
        $"memory={Limits.AddressSpace}",
        $"file={Limits.FileSize}",
        $"open={Limits.OpenFiles}",
        .. Readable.Select(static path => $"read={path}"),
        $"write={Writable}",
        End,
        .. Program,
    ];

    /// <summary>Reads the words of <see cref="ToArguments"/>.</summary>
    /// <exception cref="FormatException">They are not such words.</exception>
    internal static SandboxPolicy Parse(ReadOnlySpan<string> words)
    {
        int end = words.IndexOf(End);
        if (words.Length == 0 || words[0] != Verb || end < 0 || end == words.Length - 1)
        {
            throw new FormatException("the words of a sandbox are missing");
        }

        string[] facts = words[1..end].ToArray();
        return new SandboxPolicy
        {
            Parent = int.Parse(One("parent"), CultureInfo.InvariantCulture),
            DropsUser = One("drop") == "1",
            Limits = new SandboxLimits
            {
                CpuTime = TimeSpan.FromSeconds(Number("cpu")),
                AddressSpace = Number("memory"),
                FileSize = Number("file"),
                OpenFiles = (int)Number("open"),
            },
            Readable = All("read"),
            Writable = One("write"),
            Program = words[(end + 1)..].ToArray(),
        };

        string[] All(string name) => [.. facts.Where(fact => fact.StartsWith(name + "=", StringComparison.Ordinal)).Select(fact => fact[(name.Length + 1)..])];

        string One(string name) => All(name) is [string value] ? value : throw new FormatException($"{name} is missing");

        long Number(string name) => long.Parse(One(name), CultureInfo.InvariantCulture);
    }
}
