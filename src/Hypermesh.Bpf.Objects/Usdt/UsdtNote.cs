namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>One place of a static probe, as the binary notes it (<c>.note.stapsdt</c>).</summary>
/// <param name="Provider">The probe's provider.</param>
/// <param name="Name">The probe's name.</param>
/// <param name="Arguments">Where its arguments are, such as <c>-4@%eax 8@-16(%rbp)</c>.</param>
/// <param name="Address">The address of its instruction, as linked.</param>
/// <param name="Base">The address of <c>.stapsdt.base</c>, as linked; 0 without.</param>
/// <param name="Semaphore">The address of the counter that says whether anyone listens, as linked; 0 without.</param>
internal readonly record struct UsdtNote(string Provider, string Name, string Arguments, ulong Address, ulong Base, ulong Semaphore);
