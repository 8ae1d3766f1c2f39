namespace Hypermesh.Bpf;

/// <summary>How a message is meant (<c>NLM_F_…</c>).</summary>
[Flags]
internal enum NetlinkFlags : ushort
{
    None = 0,
    Request = 0x1,
    Acknowledge = 0x4,

    /// <summary>What was made comes back.</summary>
    Echo = 0x8,

    Replace = 0x100,
    Exclusive = 0x200,
    Create = 0x400,

    /// <summary>All there are.</summary>
    Dump = 0x300,

    /// <summary>In an answer: the request is not repeated in it.</summary>
    Capped = 0x100,

    /// <summary>In an answer: it has attributes.</summary>
    HasAttributes = 0x200,
}
