namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>Pressure stall times of the whole machine, in <c>/proc/pressure</c> (4.20, CONFIG_PSI). Absent where PSI is off.</summary>
internal sealed class PressureFiles : IDisposable
{
    private readonly ProcFile?[] _files;

    internal PressureFiles(string procFs = "/proc")
        => _files = [.. Resources.Select(resource => ProcFile.TryOpen(System.IO.Path.Combine(procFs, "pressure", resource), 512))];

    /// <summary>The resources, in the order of <c>Read</c>.</summary>
    internal static IReadOnlyList<string> Resources { get; } = ["cpu", "memory", "io"];

    public void Dispose()
    {
        foreach (ProcFile? file in _files)
        {
            file?.Dispose();
        }
    }

    /// <summary>Reads the totals of one resource in microseconds; false where the kernel does not count them: the file is missing, or cannot be read because PSI is off (<c>psi=0</c>).</summary>
    internal bool TryRead(int resource, out ulong some, out ulong full)
    {
        (some, full) = (0, 0);
        return _files[resource] is { } file && file.TryRead(out ReadOnlySpan<byte> text) && TryParse(text, out some, out full);
    }

    /// <summary>Parses <c>some avg10=0.00 avg60=0.00 avg300=0.00 total=123</c> and the line of <c>full</c>, which the CPU does not have before 5.13.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, out ulong some, out ulong full)
    {
        full = 0;
        bool found = TryTotal(text, "some "u8, out some);
        _ = found && TryTotal(text, "full "u8, out full);
        return found;
    }

    private static bool TryTotal(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name, out ulong value)
    {
        value = 0;
        int at = text.IndexOf(name);
        if (at < 0)
        {
            return false;
        }

        text = text[at..];
        ReadOnlySpan<byte> total = "total="u8;
        at = text.IndexOf(total);
        return at >= 0 && ProcFile.TryNumber(text[(at + total.Length)..], out value);
    }
}
