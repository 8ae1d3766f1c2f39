using System.Globalization;

namespace Hypermesh.Bpf.Privileges;

/// <summary>The capabilities of one thread, from its <c>status</c> in <c>/proc</c>.</summary>
internal sealed record ThreadPrivileges(int Id, string Name, Capabilities Permitted, Capabilities Effective, Capabilities Inheritable, bool GetsNoMore)
{
    /// <summary>Reads the capabilities; null for a thread that has ended.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="place">The thread's path below <c>/proc</c>.</param>
    internal static ThreadPrivileges? Read(IKernel kernel, string place)
    {
        if (kernel.TryReadText($"/proc/{place}/status", out _) is not { Length: > 0 } text)
        {
            return null;
        }

        Dictionary<string, string> fields = text.Split('\n').Select(static line => line.Split(':', 2)).Where(static pair => pair.Length == 2)
            .ToDictionary(static pair => pair[0], static pair => pair[1].Trim(), StringComparer.Ordinal);

        // A thread that is ending shows its name but no longer its capabilities.
        return fields.TryGetValue("CapPrm", out string? permitted) && !fields.GetValueOrDefault("State", "").StartsWith('Z')
            ? new ThreadPrivileges(
                int.Parse(fields.GetValueOrDefault("Pid", "0"), CultureInfo.InvariantCulture), fields.GetValueOrDefault("Name", ""), Parse(permitted),
                Parse(fields.GetValueOrDefault("CapEff", "0")), Parse(fields.GetValueOrDefault("CapInh", "0")), fields.GetValueOrDefault("NoNewPrivs") == "1")
            : null;
    }

    /// <summary>True if the thread has no other capability, cannot pass any on and cannot regain any.</summary>
    internal bool IsLowered(Capabilities kept) => ((Permitted | Effective) & ~kept) == Capabilities.None && Inheritable == Capabilities.None && GetsNoMore;

    private static Capabilities Parse(string bits)
        => ulong.TryParse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong value) ? (Capabilities)value : Capabilities.None;
}
