namespace Hypermesh.Bpf.Compilation.Expressions;

/// <summary>Allocates places on the stack of a program.</summary>
internal sealed class StackFrame
{
    // The kernel's MAX_BPF_STACK.
    private const int Size = 512;

    private int _used;

    /// <summary>Takes a place with room for whole words; its offset from R10.</summary>
    internal int Take(int size)
    {
        _used += (size + sizeof(ulong) - 1) / sizeof(ulong) * sizeof(ulong);
        return _used <= Size ? -_used : throw new BpfException($"The keys and expressions need more than the {Size} bytes of stack that a program has: name fewer or shorter strings as keys.");
    }

    /// <summary>Gives back all places that were taken since the mark.</summary>
    internal void Release(int mark) => _used = mark;

    internal int Mark() => _used;
}
