namespace Hypermesh.Bpf;

/// <summary>The capabilities that matter here, by their bit in <c>CapEff</c>.</summary>
[Flags]
internal enum Capabilities : ulong
{
    None = 0,
    NetAdmin = 1ul << 12,
    SysAdmin = 1ul << 21,
    SysResource = 1ul << 24,
    Syslog = 1ul << 34,
    PerfMon = 1ul << 38,
    Bpf = 1ul << 39,
}
