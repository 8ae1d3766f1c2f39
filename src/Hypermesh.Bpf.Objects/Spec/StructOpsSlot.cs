namespace Hypermesh.Bpf.Objects;

/// <summary>A place in the kernel's form of a table that takes a program.</summary>
/// <param name="Program">The program.</param>
/// <param name="MemberIndex">The field's number in the kernel's struct: what the program is loaded for.</param>
/// <param name="Offset">The place of its descriptor in the map's value, in bytes.</param>
internal readonly record struct StructOpsSlot(ProgramSpec Program, int MemberIndex, int Offset);
