using Hypermesh.Bpf.Monitoring;

namespace RunQueue;

/// <summary>Where readings go.</summary>
internal interface IOutput
{
    /// <summary>Runs a loop that shows readings.</summary>
    Task Run(Func<Action<CpuReading>, Task> loop);
}
