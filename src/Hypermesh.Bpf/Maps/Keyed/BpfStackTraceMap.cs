using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>Call stacks by the ID that <c>bpf_get_stackid</c> returned (<c>BPF_MAP_TYPE_STACK_TRACE</c>, 4.6).</summary>
public sealed unsafe class BpfStackTraceMap : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfStackTraceMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.StackTrace])
    {
        CheckKey<int>();
    }

    /// <summary>The maximum number of frames of a stack.</summary>
    public int MaxDepth => ValueSize / sizeof(ulong);

    /// <summary>The IDs of the current stacks.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public IReadOnlyList<int> Ids => MapKeys.Read<int>(this);

    /// <summary>Reads a stack; allocates nothing.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="frames">Receives the addresses, from the innermost frame on; its length is at least <see cref="MaxDepth"/>.</param>
    /// <param name="count">The number of frames.</param>
    /// <returns>False when there is no stack with that ID.</returns>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    /// <exception cref="BpfException">The map holds build IDs and file offsets (<c>BPF_F_STACK_BUILD_ID</c>); <see cref="TryGetRaw"/> reads those.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGet(int id, Span<ulong> frames, out int count)
    {
        count = 0;
        if (MapHandle.Flags.HasFlag(BpfMapFlags.StackBuildId))
        {
            throw new BpfException($"Map {Name} holds build IDs and offsets, not addresses: read it with TryGetRaw.", MapHandle.ObjectName, Name);
        }

        if (!TryGetRaw(id, System.Runtime.InteropServices.MemoryMarshal.AsBytes(frames)))
        {
            return false;
        }

        int end = frames[..MaxDepth].IndexOf(0ul);
        count = end < 0 ? MaxDepth : end;
        return true;
    }

    /// <summary>Reads a stack as raw bytes; allocates nothing.</summary>
    /// <param name="id">Its ID.</param>
    /// <param name="frames">Receives the stack; at least <see cref="BpfMap.ValueSize"/> bytes.</param>
    /// <returns>False when there is no stack with that ID.</returns>
    /// <exception cref="ArgumentException">The buffer is too short.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetRaw(int id, Span<byte> frames)
    {
        if (frames.Length < ValueSize)
        {
            throw new ArgumentException($"A stack of map {Name} has {ValueSize} bytes, but the buffer has only {frames.Length}.", nameof(frames));
        }

        fixed (byte* value = frames)
        {
            return this.WasFound(MapCalls.Lookup(MapHandle, &id, value), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Removes a stack, so that its ID can be reused.</summary>
    /// <param name="id">Its ID.</param>
    /// <returns>False when there was no stack with that ID.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(int id) => this.WasFound(MapCalls.Delete(MapHandle, &id), BpfCommand.MapDeleteElement, "Removing from");
}
