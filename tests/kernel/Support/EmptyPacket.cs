namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Runs programs of any kind that take packets, whatever class of ours they have.</summary>
internal static unsafe class EmptyPacket
{
    /// <summary>Runs a program once on a packet of zeroes: what the kernel answers to being asked, and the program's result.</summary>
    internal static (long Answer, int Result) Run(BpfProgram program)
    {
        Span<byte> packet = stackalloc byte[64];
        fixed (byte* start = packet)
        {
            using HandleUse use = program.Loaded.Use();
            ProgramTestAttr attributes = default;
            attributes.ProgFd = (uint)use.Descriptor;
            attributes.DataIn = (ulong)start;
            attributes.DataSizeIn = (uint)packet.Length;
            long answer = LinuxKernel.Instance.Bpf(BpfCommand.ProgramTestRun, &attributes, (uint)sizeof(ProgramTestAttr));
            return (answer, (int)attributes.Retval);
        }
    }
}
