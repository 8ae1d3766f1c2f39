namespace Hypermesh.Bpf;

/// <summary>An XDP program of a device.</summary>
/// <param name="Mode">Where it runs: generic, native or offload.</param>
/// <param name="ProgramId">The kernel's number of the program.</param>
public readonly record struct XdpProgramEntry(XdpMode Mode, uint ProgramId);
