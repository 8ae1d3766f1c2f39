namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A <c>char[N]</c>.</summary>
/// <param name="Name">Its C# name.</param>
/// <param name="Length">How many bytes it has.</param>
internal sealed record TextModel(string Name, int Length);
