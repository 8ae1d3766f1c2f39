using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.TraceEvents;

/// <summary>Readable names of probe targets.</summary>
internal static class ProbePlaces
{
    /// <summary>The place, and the cookie that distinguishes two attachments to it.</summary>
    internal static string Describe(string place, ulong cookie, int? process = null)
        => place + (process is { } number ? $" in process {number}" : "") + (cookie == 0 ? "" : $" with cookie 0x{cookie:x}");

    /// <summary>Rejects a name that contains a NUL, since the kernel would use only the part before it.</summary>
    internal static void ThrowIfCutShort(in LinkRequest request, string name)
    {
        int end = name.IndexOf('\0', StringComparison.Ordinal);
        if (end >= 0)
        {
            throw new BpfException(
                $"Attaching program {request.ProgramName} failed: its target has a NUL after \"{name[..end]}\", and the kernel would ignore what follows. Use a name without NUL.", request.ObjectName, request.ProgramName);
        }
    }

    /// <summary>Many names, shortened.</summary>
    internal static string Describe(IReadOnlyList<string> names) => names.Count <= 3 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(3))} and {names.Count - 3} more";

    /// <summary>Many places, shortened.</summary>
    internal static string Describe(IReadOnlyList<ulong> places) => Describe([.. places.Select(static place => $"0x{place:x}")]);
}
