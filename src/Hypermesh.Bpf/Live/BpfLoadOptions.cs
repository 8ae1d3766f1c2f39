using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>How an object is loaded.</summary>
public sealed class BpfLoadOptions
{
    /// <summary>Where loads, attaches, detaches and failures are logged; nowhere when null.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>What the verifier writes of each program: 0 nothing unless it refuses, 1 the path it walked, 2 every path.</summary>
    public uint VerifierLogLevel { get; init; }
}
