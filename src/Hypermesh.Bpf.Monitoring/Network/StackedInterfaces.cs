namespace Hypermesh.Bpf.Monitoring.Network;

/// <summary>Interfaces whose received packets pass the tracepoint only as packets of the interface below them. Each is looked at once.</summary>
internal sealed class StackedInterfaces(string sysFs)
{
    private const int Most = 4096;
    private static readonly string[] s_kinds = ["vlan", "bond", "macvlan", "macvtap", "ipvlan"];

    private readonly Dictionary<string, bool> _known = new(StringComparer.Ordinal);

    internal bool Contains(string name)
    {
        if (_known.TryGetValue(name, out bool stacked))
        {
            return stacked;
        }

        if (_known.Count >= Most)
        {
            _known.Clear();
        }

        stacked = Read(Path.Combine(sysFs, "class/net", name, "uevent"));
        _known.Add(name, stacked);
        return stacked;
    }

    private static bool Read(string path)
    {
        try
        {
            return File.ReadLines(path).Any(static line => line.StartsWith("DEVTYPE=", StringComparison.Ordinal) && s_kinds.Contains(line["DEVTYPE=".Length..], StringComparer.Ordinal));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Another namespace's sysfs, or none: an ordinary interface.
            return false;
        }
    }
}
