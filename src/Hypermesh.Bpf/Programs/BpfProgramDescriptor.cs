using Hypermesh.Bpf.Objects.Sections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hypermesh.Bpf.Programs;

/// <summary>A program from the loader: its metadata, and its descriptor if it is loaded.</summary>
internal sealed record BpfProgramDescriptor(IKernel Kernel, string Name, BpfProgramType Type)
{
    internal string? ObjectName { get; init; }

    internal string SectionName { get; init; } = "";

    /// <summary>True for a probe that runs when the function returns.</summary>
    internal bool IsReturn => SectionTable.Find(SectionName).IsReturn;

    internal BpfAttachType AttachType { get; init; }

    /// <summary>The part of the section's name after the slash; null if there is none.</summary>
    internal string? Target { get; init; }

    /// <summary>The ID of the target's BTF type (tp_btf, fentry, lsm, iterators); 0 for other programs.</summary>
    internal int AttachBtfId { get; init; }

    /// <summary>What its section says of it besides: sleepable, frags.</summary>
    internal SectionFlags Flags { get; init; }

    /// <summary>The program that is attached in its place and calls it; null for none.</summary>
    internal Dispatcher? Dispatcher { get; init; }

    /// <summary>The end of the farthest context read in the instructions of a program on a classic or raw tracepoint, in bytes; 0 for other programs.</summary>
    internal int ContextEnd { get; init; }

    /// <summary>The descriptor; null if the spec leaves the program out, or it was optional and rejected.</summary>
    internal BpfHandle? Handle { get; init; }

    /// <summary>Why there is no descriptor, as the end of a sentence: "the spec leaves it out".</summary>
    internal string NotLoadedBecause { get; init; } = "the spec leaves it out; set Enabled on its spec before Load";

    /// <summary>The verifier log; empty unless requested.</summary>
    internal string VerifierLog { get; init; } = "";

    /// <summary>The maps of its object, by name, for static probes, which use two of them.</summary>
    internal IReadOnlyDictionary<string, BpfMapHandle> ObjectMaps { get; init; } = System.Collections.Frozen.FrozenDictionary<string, BpfMapHandle>.Empty;

    internal ILogger Logger { get; init; } = NullLogger.Instance;
}

/// <summary>Keeps links for another process.</summary>
internal interface ILinkKeeper
{
    /// <summary>Pins a link that has just been made; the caller detaches it where that fails.</summary>
    void Attached(BpfProgramLink link);

    /// <summary>Removes the pin of a link that is being detached.</summary>
    void Detached(BpfProgramLink link, uint id);
}
