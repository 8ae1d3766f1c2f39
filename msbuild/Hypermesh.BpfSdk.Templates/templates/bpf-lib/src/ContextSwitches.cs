namespace BPF_IDENTIFIER;

/// <summary>Counts the machine's context switches while it lives. Takes CAP_BPF and CAP_PERFMON.</summary>
public sealed class ContextSwitches : IDisposable
{
    private readonly Switches _switches;

    /// <summary>Loads the kernel program and attaches it.</summary>
    /// <exception cref="BpfException">The kernel refused; the derived type says why.</exception>
    public ContextSwitches()
    {
        _switches = Switches.Open().Load();
        try
        {
            _switches.Attach();
        }
        catch
        {
            _switches.Dispose();
            throw;
        }
    }

    /// <summary>How many there were on all CPUs since it was made.</summary>
    public ulong Count => _switches.Maps.Switches[0].Sum();

    /// <summary>Detaches and unloads the kernel program.</summary>
    public void Dispose() => _switches.Dispose();
}
