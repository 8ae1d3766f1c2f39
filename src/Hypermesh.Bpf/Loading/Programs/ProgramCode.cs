using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Loading;

/// <summary>What a program is loaded from: instructions and what is known of them.</summary>
internal sealed record ProgramCode(string Name, BpfProgramType Type, BpfInstruction[] Instructions)
{
    internal string? ObjectName { get; init; }

    /// <summary>The program's section in C, which names its kind and target as its author wrote them; empty where there is none.</summary>
    internal string SectionName { get; init; } = "";

    internal BpfAttachType ExpectedAttachType { get; init; }

    internal ProgramLoadFlags Flags { get; init; }

    internal string License { get; init; } = "";

    internal uint KernelVersion { get; init; }

    internal int AttachBtfId { get; init; }

    /// <summary>The module whose BTF has the target; null for the kernel itself.</summary>
    internal BpfHandle? AttachBtf { get; init; }

    /// <summary>The program whose function it is for, null for the kernel's.</summary>
    internal BpfHandle? AttachProgram { get; init; }

    internal BpfHandle? Btf { get; init; }

    /// <summary>The BTF of the modules whose functions it calls: the n-th is named n + 1 in the call.</summary>
    internal IReadOnlyList<BpfHandle> FunctionModules { get; init; } = [];

    /// <summary>The token that permits the load, null without.</summary>
    internal BpfHandle? Token { get; init; }

    internal LinkedFunction[] Functions { get; init; } = [];

    internal LinkedLine[] Lines { get; init; } = [];

    /// <summary>What the verifier is to write even of a program it accepts.</summary>
    internal VerifierLogLevel LogLevel { get; init; }

    /// <summary>The capabilities its type asks for.</summary>
    internal Capabilities Needs => ProgramCapabilities.Of(Type);
}
