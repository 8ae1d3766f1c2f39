namespace Hypermesh.Bpf;

/// <summary>Targets of probes as a person would write them.</summary>
internal static class ProbePlaces
{
    /// <summary>The place, and the cookie that tells two attachments to it apart.</summary>
    internal static string Describe(string place, ulong cookie, int? process = null)
        => place + (process is { } number ? $" in process {number}" : "") + (cookie == 0 ? "" : $" with cookie 0x{cookie:x}");

    /// <summary>Refuses a name with a NUL in it, of which the kernel would take the part before.</summary>
    internal static void ThrowIfCutShort(in LinkRequest request, string name)
    {
        int end = name.IndexOf('\0', StringComparison.Ordinal);
        if (end >= 0)
        {
            throw new BpfException(
                $"Attaching program {request.ProgramName} failed: its target has a NUL after \"{name[..end]}\", where the kernel would take it to end. Give a name without one.", request.ObjectName, request.ProgramName);
        }
    }

    /// <summary>Many names, shortened.</summary>
    internal static string Describe(IReadOnlyList<string> names) => names.Count <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more";

    /// <summary>Many places, shortened.</summary>
    internal static string Describe(IReadOnlyList<ulong> places) => Describe([.. places.Select(static place => $"0x{place:x}")]);
}
