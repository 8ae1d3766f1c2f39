using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>What the clang task passes to the generator for one source: the compiled object as text, and the name of its skeleton.</summary>
/// <param name="Source">The C file, relative to the project, with forward slashes.</param>
/// <param name="Namespace">The skeleton's namespace; empty for the global one.</param>
/// <param name="ClassName">The skeleton's class.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
/// <param name="Resource">The name of the embedded resource that holds the same object.</param>
/// <param name="Image">The object.</param>
internal sealed record Carrier(
    string Source,
    string Namespace,
    string ClassName,
    string Accessibility,
    string Resource,
    byte[] Image)
{
    /// <summary>The relative path from the generated code to the project's folder, with a slash at its end.</summary>
    public string Root { get; init; } = "";

    /// <summary>The oldest kernel that the file supports; null when the task did not state it.</summary>
    public Version? OldestKernel { get; init; }

    /// <summary>The place and the comment of each declaration, by its name in C; empty when the task did not read the C.</summary>
    public IReadOnlyDictionary<string, SourceNote> Notes { get; init; } = new Dictionary<string, SourceNote>();

    /// <summary>The comparisons of values in network byte order with constants in the machine's; empty when the task did not read the C.</summary>
    public IReadOnlyList<OrderLine> Orders { get; init; } = [];

    /// <summary>The mistakes that libclang found in the C; empty when the task did not read the C.</summary>
    public IReadOnlyList<MistakeLine> Mistakes { get; init; } = [];
}
