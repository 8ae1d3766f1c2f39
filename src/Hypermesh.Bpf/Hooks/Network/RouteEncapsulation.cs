namespace Hypermesh.Bpf;

/// <summary>How a program is written into a route, for each type of program.</summary>
internal sealed record RouteEncapsulation(ushort Type, string Option, Action<NetlinkMessage, int, string> Write)
{
    private const ushort Bpf = 6;
    private const ushort SegmentRouting = 7;
    private const ushort Descriptor = 1;
    private const ushort Name = 2;
    private const ushort SegmentAction = 1;
    private const ushort SegmentProgram = 8;
    private const int RunProgram = 15;

    private static readonly Dictionary<BpfProgramType, RouteEncapsulation> s_types = new()
    {
        [BpfProgramType.LwtIn] = Tunnel(1),
        [BpfProgramType.LwtOut] = Tunnel(2),
        [BpfProgramType.LwtXmit] = Tunnel(3),
        [BpfProgramType.LwtSeg6Local] = new(SegmentRouting, "CONFIG_IPV6_SEG6_BPF", static (message, program, name) => message
            .Add(SegmentAction, RunProgram)
            .Nest(SegmentProgram, nested => nested.Add(Descriptor, program).Add(Name, name))),
    };

    internal static RouteEncapsulation Of(BpfProgramType type) => s_types[type];

    private static RouteEncapsulation Tunnel(ushort place) => new(
        Bpf, "CONFIG_LWTUNNEL_BPF", (message, program, name) => message.Nest(place, nested => nested.Add(Descriptor, program).Add(Name, name)));
}
