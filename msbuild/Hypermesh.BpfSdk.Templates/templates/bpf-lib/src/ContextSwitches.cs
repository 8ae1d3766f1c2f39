namespace BPF_IDENTIFIER;

/// <summary>Counts the machine's context switches until it is disposed. Requires CAP_BPF and CAP_PERFMON.</summary>
public sealed class ContextSwitches : IDisposable
{
    private readonly Switches _switches;

    /// <summary>Loads the kernel program and attaches it.</summary>
    /// <exception cref="BpfException">The load or the attach failed; the derived type and the message say why.</exception>
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

    /// <summary>Gets the number of context switches on all CPUs since <see cref="ContextSwitches"/> was created.</summary>
    public ulong Count => _switches.Maps.Switches[0].Sum();

    /// <summary>Detaches and unloads the kernel program.</summary>
    public void Dispose() => _switches.Dispose();
}
