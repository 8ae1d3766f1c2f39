namespace Hypermesh.Bpf;

/// <summary>What a program does for the sockets of a socket map.</summary>
public enum SkSkbPart : uint
{
    /// <summary>Says where a message of the stream ends (4.14).</summary>
    StreamParser = BpfAttachType.SkSkbStreamParser,

    /// <summary>Says where a message of the stream goes (4.14).</summary>
    StreamVerdict = BpfAttachType.SkSkbStreamVerdict,

    /// <summary>Says where a packet goes, without a parser (5.13).</summary>
    Verdict = BpfAttachType.SkSkbVerdict,
}
