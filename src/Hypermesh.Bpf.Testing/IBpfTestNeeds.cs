namespace Hypermesh.Bpf.Testing;

/// <summary>What a test needs of the machine.</summary>
internal interface IBpfTestNeeds
{
    string[] Capabilities { get; }

    string? MinimumKernel { get; }

    BpfFeature[] Features { get; }

    BpfProgramType[] ProgramTypes { get; }

    BpfMapType[] MapTypes { get; }
}
