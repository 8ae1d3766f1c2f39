namespace Hypermesh.Bpf.Interop;

/// <summary>A handle that can say what it belongs to.</summary>
internal interface INamedHandle
{
    /// <summary>Name used in <see cref="ObjectDisposedException"/>: "map counts of exec"; null where it has none.</summary>
    string? Subject { get; }
}
