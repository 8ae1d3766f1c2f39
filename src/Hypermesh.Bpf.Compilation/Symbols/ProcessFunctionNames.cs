using System.Globalization;

namespace Hypermesh.Bpf.Compilation.Symbols;

/// <summary>Names of the functions of one process: of the files that it has loaded, and of methods that its runtime compiled. What it has loaded is read while it lives, and the files when a name is needed.</summary>
internal sealed class ProcessFunctionNames
{
    private const int LongestList = 1 << 20;

    private readonly Dictionary<string, BinaryFunctionNames?> _files;
    private readonly int _process;
    private List<(ulong Start, ulong End, ulong Offset, string Path)> _mappings = [];
    private PerfMap? _methods;
    private string _perfMap;

    /// <param name="process">The process.</param>
    /// <param name="files">The tables of files that were read already, by path.</param>
    internal ProcessFunctionNames(int process, Dictionary<string, BinaryFunctionNames?> files)
    {
        _process = process;
        _files = files;
        _perfMap = $"/tmp/perf-{process}.map";
        Refresh();
    }

    /// <summary>Reads again what the process has loaded; what was known stays where it has ended.</summary>
    internal void Refresh()
    {
        if (ReadMappings() is { Count: > 0 } now)
        {
            _mappings = now;
        }

        // The runtime names the file by the process ID that it sees.
        string root = $"/proc/{_process}/root/tmp/perf-{InnerId()}.map";
        _perfMap = File.Exists(root) ? root : _perfMap;
        _methods = PerfMap.TryRead(_perfMap, _methods) ?? _methods;
    }

    /// <summary>The function at an address; null where it has no name, with the file in which it is.</summary>
    internal (string? Name, string? File) Find(ulong address)
    {
        if (_methods?.Find(address) is { } method)
        {
            return (method, null);
        }

        foreach ((ulong start, ulong end, ulong offset, string path) in _mappings)
        {
            if (address >= start && address < end)
            {
                return (path.StartsWith('/') ? Names(path)?.Find(address - start + offset) : null, path);
            }
        }

        return (null, null);
    }

    private BinaryFunctionNames? Names(string path)
    {
        if (!_files.TryGetValue(path, out BinaryFunctionNames? names))
        {
            string inside = $"/proc/{_process}/root{path}";
            names = BinaryFunctionNames.TryRead(File.Exists(inside) ? inside : path);
            _files.Add(path, names);
        }

        return names;
    }

    private List<(ulong, ulong, ulong, string)> ReadMappings()
    {
        var mappings = new List<(ulong, ulong, ulong, string)>();
        try
        {
            foreach (string line in File.ReadLines($"/proc/{_process}/maps").Take(LongestList))
            {
                // "7f00-7f01 r-xp 00001000 08:01 123   /usr/lib/libc.so.6"
                string[] words = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
                string[] range = words[0].Split('-');
                if (words.Length >= 5 && range.Length == 2 && words[1].Contains('x', StringComparison.Ordinal)
                    && TryHex(range[0], out ulong start) && TryHex(range[1], out ulong end) && TryHex(words[2], out ulong offset))
                {
                    mappings.Add((start, end, offset, words.Length > 5 ? words[5].Trim() : "[anonymous]"));
                }
            }
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            // It has ended, or belongs to someone else.
        }

        return mappings;
    }

    private string InnerId()
    {
        try
        {
            // "NSpid:	812	1": the last one is that of the innermost namespace.
            string? line = File.ReadLines($"/proc/{_process}/status").FirstOrDefault(static line => line.StartsWith("NSpid:", StringComparison.Ordinal));
            return line?.Split('\t')[^1] ?? _process.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return _process.ToString(CultureInfo.InvariantCulture);
        }
    }

    private static bool TryHex(string text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
