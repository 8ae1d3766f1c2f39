namespace Hypermesh.Bpf;

/// <summary>What keeps a program attached: descriptors, or something to undo.</summary>
internal abstract class LinkResource : IDisposable
{
    /// <summary>The kernel's link object, null where there is none.</summary>
    internal virtual BpfHandle? LinkHandle => null;

    /// <summary>True when it ended by itself, with what it was attached to.</summary>
    internal virtual bool HasEnded => false;

    public abstract void Dispose();
}
