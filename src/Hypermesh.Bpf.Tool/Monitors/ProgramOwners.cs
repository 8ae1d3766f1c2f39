using System.Globalization;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>The processes that hold BPF programs, or links to them, by descriptor.</summary>
internal static class ProgramOwners
{
    private const string Field = "prog_id:";

    /// <summary>Reads the name and ID of a process for each program; the first process where several hold it. A process that cannot be read is left out.</summary>
    internal static Dictionary<uint, string> Read()
    {
        var owners = new Dictionary<uint, string>();
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            string id = Path.GetFileName(process);
            if (id.All(char.IsAsciiDigit))
            {
                try
                {
                    AddOf(process, id, owners);
                }
                catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
                {
                    // The process has ended, or belongs to somebody else.
                }
            }
        }

        return owners;
    }

    private static void AddOf(string process, string id, Dictionary<uint, string> owners)
    {
        string? name = null;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries(process + "/fd"))
        {
            if (File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name is not ("anon_inode:bpf-prog" or "anon_inode:bpf_link" or "anon_inode:[bpf-prog]" or "anon_inode:[bpf_link]"))
            {
                continue;
            }

            foreach (string line in File.ReadLines($"{process}/fdinfo/{Path.GetFileName(descriptor)}"))
            {
                if (line.StartsWith(Field, StringComparison.Ordinal) && uint.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out uint program))
                {
                    name ??= $"{File.ReadAllText(process + "/comm").TrimEnd('\n')}[{id}]";
                    owners.TryAdd(program, name);
                }
            }
        }
    }
}
