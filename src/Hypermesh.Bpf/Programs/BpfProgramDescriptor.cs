using Hypermesh.Bpf.Objects.Sections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hypermesh.Bpf.Programs;

/// <summary>A program as the loader made it: what it is, and its descriptor where the kernel has it.</summary>
internal sealed record BpfProgramDescriptor(IKernel Kernel, string Name, BpfProgramType Type)
{
    internal string? ObjectName { get; init; }

    internal string SectionName { get; init; } = "";

    /// <summary>True for a probe that runs when the function returns.</summary>
    internal bool IsReturn => SectionTable.Find(SectionName).IsReturn;

    internal BpfAttachType AttachType { get; init; }

    /// <summary>What follows the slash in the section's name, null where nothing does.</summary>
    internal string? Target { get; init; }

    /// <summary>The BTF type the program was loaded for (tp_btf, fentry, lsm, iterators), 0 for the others.</summary>
    internal int AttachBtfId { get; init; }

    /// <summary>The end of the farthest read of the context that the instructions of a tracepoint program show, in bytes; 0 for other programs.</summary>
    internal int ContextEnd { get; init; }

    /// <summary>Null when it is switched off in the spec, or was optional and refused.</summary>
    internal BpfHandle? Handle { get; init; }

    /// <summary>Why there is no descriptor, as the end of a sentence: "it was switched off in the spec".</summary>
    internal string NotLoadedBecause { get; init; } = "it was switched off in the spec";

    /// <summary>What the verifier wrote of it, empty unless asked for.</summary>
    internal string VerifierLog { get; init; } = "";

    /// <summary>The maps of its object, by name: static probes have two of their own.</summary>
    internal IReadOnlyDictionary<string, BpfMapHandle> ObjectMaps { get; init; } = System.Collections.Frozen.FrozenDictionary<string, BpfMapHandle>.Empty;

    internal ILogger Logger { get; init; } = NullLogger.Instance;
}
