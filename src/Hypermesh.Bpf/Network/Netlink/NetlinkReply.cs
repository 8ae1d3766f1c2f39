namespace Hypermesh.Bpf;

/// <summary>Reads one message of an answer: its kind and what follows its header.</summary>
internal delegate void NetlinkReply(NetlinkType type, ReadOnlySpan<byte> body);
