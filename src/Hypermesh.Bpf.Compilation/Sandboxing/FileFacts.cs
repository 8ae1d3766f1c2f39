using System.Buffers.Binary;

namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>What a path leads to: its kind and its owner, without opening it, since a pipe would wait and a device may never end.</summary>
internal readonly record struct FileFacts(bool IsRegular, uint Owner, bool IsOpenToOthers, bool IsTraversable)
{
    private const int KindMask = 0xf000;
    private const int Regular = 0x8000;
    private const int WritableByOthers = 0x12;
    private const int TraversableByAll = 1;

    /// <summary>Reads them; null when the path leads nowhere.</summary>
    internal static FileFacts? Of(string path)
    {
        // struct statx is the same on all machines: the owner is at 20, the mode at 28.
        byte[] facts = new byte[256];
        if (SandboxCalls.FileFacts(path, facts) < 0)
        {
            return null;
        }

        int mode = BinaryPrimitives.ReadUInt16LittleEndian(facts.AsSpan(28));
        return new FileFacts((mode & KindMask) == Regular, BinaryPrimitives.ReadUInt32LittleEndian(facts.AsSpan(20)), (mode & WritableByOthers) != 0, (mode & TraversableByAll) != 0);
    }
}
