using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.TestRuns;

/// <summary>BPF_PROG_TEST_RUN for a program of any type.</summary>
internal static unsafe class TestRunCall
{
    private const int EthernetHeader = 14;
    private const int SmallPage = 4096;

    internal static BpfTestRunResult Run(object tested, ReadOnlySpan<byte> packet, Span<byte> context, BpfTestRunOptions options, int extraRoom)
    {
        ArgumentNullException.ThrowIfNull(tested);
        var program = (BpfProgram)tested;

        // Live frames are not returned.
        bool live = options.Flags.HasFlag(BpfTestRunFlags.LiveFrames);
        byte[] output = packet.IsEmpty || live ? [] : new byte[options.OutputSize > 0 ? options.OutputSize : packet.Length + extraRoom];
        using HandleUse use = program.Loaded.Use();
        fixed (byte* packetStart = packet, contextStart = context, outputStart = output)
        {
            while (true)
            {
                ProgramTestAttr attributes = default;
                attributes.ProgFd = (uint)use.Descriptor;
                attributes.DataIn = (ulong)packetStart;
                attributes.DataSizeIn = (uint)packet.Length;
                attributes.DataOut = (ulong)outputStart;
                attributes.DataSizeOut = (uint)output.Length;
                attributes.CtxIn = (ulong)contextStart;
                attributes.CtxSizeIn = (uint)context.Length;
                if (!packet.IsEmpty && !live)
                {
                    attributes.CtxOut = (ulong)contextStart;
                    attributes.CtxSizeOut = (uint)context.Length;
                }

                attributes.Repeat = options.Repeat;
                attributes.Flags = (uint)options.Flags;
                attributes.Cpu = options.Cpu;
                attributes.BatchSize = options.BatchSize;
                long result = program.Kernel.Bpf(BpfCommand.ProgramTestRun, &attributes, (uint)sizeof(ProgramTestAttr));
                if (result >= 0)
                {
                    ReadOnlyMemory<byte> data = output.AsMemory(0, (int)Math.Min(attributes.DataSizeOut, (uint)output.Length));
                    return new BpfTestRunResult(attributes.Retval, TimeSpan.FromMicroseconds(attributes.Duration / 1000.0), data);
                }

                if (result != -Errno.EINTR)
                {
                    throw KernelErrors.Of(
                        program.Kernel, BpfCommand.ProgramTestRun, result,
                        $"Running program {program.Name} on a packet of {packet.Length} bytes and a context of {context.Length} bytes",
                        Programs.ProgramCapabilities.Of(program.Type), program.Descriptor.ObjectName, program.Name, detail: Refused(packet.Length, context.Length, (int)-result));
                }
            }
        }
    }

    // The kernel returns EINVAL for any input that it rejects, without a reason.
    private static string? Refused(int packet, int context, int errno) => errno switch
    {
        Errno.EINVAL when packet is > 0 and < EthernetHeader =>
            $"A packet of a test run must have at least the {EthernetHeader} bytes of an Ethernet header, even for programs of the IP layer, which do not see it: pad it with zeros. Linux 6.1 requires one byte more.",
        Errno.EINVAL or Errno.EMSGSIZE when packet > SmallPage / 2 =>
            "A packet of a test run must fit into one page with its headroom and tailroom (about 3,500 bytes on most machines). XDP programs accept a longer one from Linux 5.18 on.",
        Errno.EINVAL when packet > 0 && context > 0 => "Only a few fields of a context can be set, and all others must be 0: in struct xdp_md, data is 0 and data_end is the length of the packet.",
        _ => null,
    };
}
