using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>Call stacks by the number <c>bpf_get_stackid</c> gave (<c>BPF_MAP_TYPE_STACK_TRACE</c>, 4.6).</summary>
public sealed unsafe class BpfStackTraceMap : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfStackTraceMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.StackTrace])
    {
        CheckKey<int>();
    }

    /// <summary>How many frames a stack has at most.</summary>
    public int MaxDepth => ValueSize / sizeof(ulong);

    /// <summary>The numbers there are now.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public IReadOnlyList<int> Ids => MapKeys.Read<int>(this);

    /// <summary>Reads a stack; allocates nothing.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="frames">Where its addresses go, from the innermost on; at least <see cref="MaxDepth"/> long.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>False when there is none of that number.</returns>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    /// <exception cref="BpfException">The map holds places in files (<c>BPF_F_STACK_BUILD_ID</c>); <see cref="TryGetRaw"/> reads those.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGet(int id, Span<ulong> frames, out int count)
    {
        count = 0;
        if (((MapFlags)Handle.Flags).HasFlag(MapFlags.StackBuildId))
        {
            throw new BpfException($"Map {Name} holds build ids and offsets, not addresses.", Handle.ObjectName, Name);
        }

        if (!TryGetRaw(id, System.Runtime.InteropServices.MemoryMarshal.AsBytes(frames)))
        {
            return false;
        }

        int end = frames[..MaxDepth].IndexOf(0ul);
        count = end < 0 ? MaxDepth : end;
        return true;
    }

    /// <summary>Reads a stack as it is; allocates nothing.</summary>
    /// <param name="id">Its number.</param>
    /// <param name="frames">Where it goes; at least <see cref="BpfMap.ValueSize"/> bytes.</param>
    /// <returns>False when there is none of that number.</returns>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetRaw(int id, Span<byte> frames)
    {
        if (frames.Length < ValueSize)
        {
            throw new ArgumentException($"A stack of map {Name} has {ValueSize} bytes, and there is room for {frames.Length}.", nameof(frames));
        }

        fixed (byte* value = frames)
        {
            return this.WasFound(MapCalls.Lookup(Handle, &id, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Removes a stack, so that its number may be given again.</summary>
    /// <param name="id">Its number.</param>
    /// <returns>False when there was none of that number.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(int id) => this.WasFound(MapCalls.Delete(Handle, &id), BpfCommand.MapDeleteElement, "Removing from");
}
