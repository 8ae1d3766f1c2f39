namespace Hypermesh.Bpf;

/// <summary>What generated skeletons have in common once they are live. The skeleton owns its object; disposing either ends both.</summary>
public abstract class BpfSkeleton : IDisposable, IAsyncDisposable
{
    /// <summary>Takes a loaded object.</summary>
    /// <param name="live">The object.</param>
    protected BpfSkeleton(BpfObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        Live = live;
    }

    /// <summary>The object underneath, by names.</summary>
    public BpfObject Live { get; }

    /// <summary>The optional programs the kernel refused, and why.</summary>
    public IReadOnlyList<BpfRefusedProgram> Refused => Live.Refused;

    /// <inheritdoc cref="BpfObject.Attach"/>
    public void Attach() => Live.Attach();

    /// <inheritdoc cref="BpfObject.Dispose"/>
    public void Dispose()
    {
        Live.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="BpfObject.Dispose"/>
    public async ValueTask DisposeAsync()
    {
        await Live.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>The link of a program that is attached to one place; null when it is not attached.</summary>
    /// <param name="program">The program.</param>
    protected static BpfLink? LinkOf(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return program.FirstLink;
    }
}
