using System.Globalization;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.Usdt;

/// <summary>Finds the addresses of a file's code in a process's memory (<c>/proc/PID/maps</c>).</summary>
internal static class ProcessMaps
{
    private static readonly char[] s_blank = [' '];

    /// <summary>Returns the address of a file offset in a process.</summary>
    /// <exception cref="BpfException">The maps of the process cannot be read, or it has not loaded that part of the file as code.</exception>
    internal static ulong AddressOf(in LinkRequest request, int process, string path, ulong fileOffset)
    {
        string list = $"/proc/{process}/maps";
        string text = request.Kernel.TryReadText(list, out long error) ?? throw request.Error($"open {list}", error);
        string whole = Canonical(process, path);
        foreach (string line in text.Split('\n'))
        {
            // "7f00-7f01 r-xp 00001000 08:01 123   /usr/lib/libc.so.6"
            string[] words = line.Split(s_blank, 6, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 6 || words[1].Length < 3 || words[1][2] != 'x' || words[5].TrimStart() != whole)
            {
                continue;
            }

            string[] range = words[0].Split('-');
            if (range.Length == 2 && TryHex(range[0], out ulong start) && TryHex(range[1], out ulong end) && TryHex(words[2], out ulong offset)
                && fileOffset >= offset && fileOffset - offset < end - start)
            {
                return start + (fileOffset - offset);
            }
        }

        throw new BpfException(
            $"Program {request.ProgramName} cannot be attached to {request.Target}: process {process} has not loaded {whole}.", request.ObjectName, request.ProgramName);
    }

    // A process of another mount namespace sees its files without /proc/PID/root before them.
    private static string Canonical(int process, string path)
    {
        string root = $"/proc/{process}/root";
        return path.StartsWith(root + "/", StringComparison.Ordinal) ? path[root.Length..] : RealPath(path);
    }

    // A path may go through links of directories as well as of files.
    private static string RealPath(string path)
    {
        string whole = Path.GetFullPath(path);
        string real = "/";
        foreach (string part in whole.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            string next = Path.Combine(real, part);
            real = File.ResolveLinkTarget(next, returnFinalTarget: true)?.FullName ?? next;
        }

        return real;
    }

    private static bool TryHex(string text, out ulong value) => ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
