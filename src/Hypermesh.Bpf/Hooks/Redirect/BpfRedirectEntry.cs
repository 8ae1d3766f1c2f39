namespace Hypermesh.Bpf;

/// <summary>An element of a map that packets are redirected by.</summary>
/// <param name="Target">The interface's number (device maps), or how many packets the CPU's queue holds (CPU maps).</param>
/// <param name="ProgramId">The kernel's number of the program that runs there, 0 for none.</param>
public readonly record struct BpfRedirectEntry(uint Target, uint ProgramId);
