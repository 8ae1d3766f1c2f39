namespace Hypermesh.Bpf;

/// <summary>How much the verifier writes about a program it accepts. About one it refuses, its log is always asked for.</summary>
[Flags]
public enum VerifierLogLevel
{
    /// <summary>Nothing: a log costs time.</summary>
    None = 0,

    /// <summary>What the verifier notes besides the instructions, and the statistics; of a program it refuses, the way to the failure (<c>BPF_LOG_LEVEL1</c>).</summary>
    Brief = 1,

    /// <summary>Every instruction of every way through the program, with the registers (<c>BPF_LOG_LEVEL2</c>): large.</summary>
    States = 2,

    /// <summary>How much work it was (<c>BPF_LOG_STATS</c>, 5.2).</summary>
    Statistics = 4,
}
