using System.Globalization;
using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation.Symbols;

/// <summary>Names of the methods that a runtime compiled, by address: the file <c>/tmp/perf-PID.map</c> that .NET writes with <c>DOTNET_PerfMapEnabled=3</c>, and Java and Node.js with options of theirs.</summary>
internal sealed class PerfMap
{
    // Any process may write such a file for root to read: no pipe that waits, no link to elsewhere, no device or line without end.
    private const long LargestFile = 64 << 20;

    private readonly List<(ulong Start, ulong Size, string Name)> _methods = [];
    private readonly List<ulong> _starts = [];

    /// <summary>The size of the file that it was read from.</summary>
    internal long Length { get; private init; }

    /// <summary>Reads a process's file, unless it is as long as the one that was read before; null where it has none that is a regular file of at most 64 MiB.</summary>
    internal static PerfMap? TryRead(string path, PerfMap? before)
    {
        try
        {
            if (new FileInfo(path) is not { Exists: true, LinkTarget: null, Length: <= LargestFile and var length } || FileFacts.Of(path) is not { IsRegular: true })
            {
                return null;
            }

            if (before?.Length == length)
            {
                return before;
            }

            var map = new PerfMap { Length = length };
            var methods = new SortedDictionary<ulong, (ulong Size, string Name)>();
            foreach (string line in File.ReadLines(path))
            {
                // "7f3e10 1b void [App] App.Program::Main(string[])[Tier0]"; what was compiled later has the place.
                string[] words = line.Split(' ', 3);
                if (words.Length == 3 && TryHex(words[0], out ulong start) && TryHex(words[1], out ulong size) && size > 0)
                {
                    methods[start] = (size, words[2]);
                }
            }

            foreach ((ulong start, (ulong size, string name)) in methods)
            {
                map._methods.Add((start, size, name));
                map._starts.Add(start);
            }

            return map;
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The method at an address; null where none is.</summary>
    internal string? Find(ulong address)
    {
        int at = _starts.BinarySearch(address);
        at = at < 0 ? ~at - 1 : at;
        return at >= 0 && address - _starts[at] < _methods[at].Size ? _methods[at].Name : null;
    }

    private static bool TryHex(string text, out ulong value)
        => ulong.TryParse(text.StartsWith("0x", StringComparison.Ordinal) ? text.AsSpan(2) : text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
