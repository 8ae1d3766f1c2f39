using Hypermesh.Bpf.Monitoring;

namespace RunQueue;

/// <summary>An output for readings.</summary>
internal interface IOutput
{
    /// <summary>Runs a loop that shows readings.</summary>
    Task Run(Func<Action<CpuReading>, Task> loop);
}
