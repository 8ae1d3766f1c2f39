namespace Hypermesh.Bpf;

/// <summary>BPF_PROG_TEST_RUN as it is, for a program of any type.</summary>
internal static unsafe class TestRunCall
{
    internal static BpfTestRunResult Run(object tested, ReadOnlySpan<byte> packet, Span<byte> context, BpfTestRunOptions options, int extraRoom)
    {
        ArgumentNullException.ThrowIfNull(tested);
        var program = (BpfProgram)tested;

        // Live frames leave; none comes back.
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
                        $"Running program {program.Name} on {packet.Length} bytes of packet and {context.Length} of context",
                        Loading.ProgramCapabilities.Of(program.Type), program.Descriptor.ObjectName, program.Name);
                }
            }
        }
    }
}
