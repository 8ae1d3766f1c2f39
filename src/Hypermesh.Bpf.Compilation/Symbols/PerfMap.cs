using System.Globalization;

namespace Hypermesh.Bpf.Compilation.Symbols;

/// <summary>Names of the methods that a runtime compiled, by address: the file <c>/tmp/perf-PID.map</c> that .NET writes with <c>DOTNET_PerfMapEnabled=3</c>, and Java and Node.js with options of theirs.</summary>
internal sealed class PerfMap
{
    // A file that grows without end is read up to here.
    private const int MostMethods = 1_000_000;

    private readonly List<(ulong Start, ulong Size, string Name)> _methods = [];
    private readonly List<ulong> _starts = [];

    /// <summary>Reads a process's file; null where it has none.</summary>
    internal static PerfMap? TryRead(string path)
    {
        try
        {
            var map = new PerfMap();
            var methods = new SortedDictionary<ulong, (ulong Size, string Name)>();
            foreach (string line in File.ReadLines(path).Take(MostMethods))
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
