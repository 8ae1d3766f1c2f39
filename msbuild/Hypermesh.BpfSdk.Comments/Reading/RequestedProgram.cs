namespace Hypermesh.BpfSdk.Comments;

/// <summary>One C file of a question.</summary>
/// <param name="Source">The file, as an argument of clang.</param>
/// <param name="ArgumentFile">The file with clang's arguments.</param>
internal sealed record RequestedProgram(string Source, string ArgumentFile);
