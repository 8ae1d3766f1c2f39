using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>How a <see cref="CpuMonitor"/> is started.</summary>
public sealed class CpuMonitorOptions
{
    /// <summary>
    /// Has the kernel account the run time of programs while the monitor lives (5.8; needs CAP_SYS_ADMIN; costs every program of the machine 50 to 100 ns a
    /// run), so that readings say what the monitor itself costs.
    /// </summary>
    public bool MeasureCost { get; init; }

    /// <summary>Gets what loading and attaching have to say; null for silence.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
