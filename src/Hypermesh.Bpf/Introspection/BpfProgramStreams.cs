using System.Text;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>Reads what programs have written to their streams (6.17).</summary>
public static unsafe class BpfProgramStreams
{
    private const int ChunkSize = 4096;

    /// <summary>Takes what the program has written since this was read last. Needs CAP_BPF.</summary>
    /// <param name="program">The program.</param>
    /// <param name="stream">Which of its streams.</param>
    /// <returns>The text; empty when there is nothing new.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.17.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    public static string ReadStream(this BpfProgram program, BpfStream stream)
    {
        ArgumentNullException.ThrowIfNull(program);
        using HandleUse use = program.Loaded.Use();
        using var text = new MemoryStream();
        byte* chunk = stackalloc byte[ChunkSize];
        while (true)
        {
            ProgramStreamAttr attributes = default;
            attributes.StreamBuf = (ulong)chunk;
            attributes.StreamBufLen = ChunkSize;
            attributes.StreamId = (uint)stream;
            attributes.ProgFd = (uint)use.Descriptor;
            long read = program.Kernel.Bpf(BpfCommand.ProgramStreamReadByDescriptor, &attributes, (uint)sizeof(ProgramStreamAttr));
            if (read <= 0)
            {
                return read switch
                {
                    0 => Encoding.UTF8.GetString(text.GetBuffer(), 0, (int)text.Length),
                    -Errno.EINVAL => throw new BpfFeatureNotSupportedException(
                        "Streams of programs", "Linux 6.17", BpfCommandNames.Of(BpfCommand.ProgramStreamReadByDescriptor), BpfCommand.ProgramStreamReadByDescriptor, Errno.EINVAL),
                    _ => throw KernelErrors.Of(
                        program.Kernel, BpfCommand.ProgramStreamReadByDescriptor, read, $"Reading a stream of program {program.Name}", Capabilities.Bpf, null, program.Name),
                };
            }

            text.Write(new ReadOnlySpan<byte>(chunk, (int)read));
        }
    }
}

/// <summary>What a program writes with <c>bpf_stream_printk</c>, and the kernel writes of its errors (6.17).</summary>
public enum BpfStream : uint
{
    /// <summary><c>BPF_STDOUT</c></summary>
    Output = 1,

    /// <summary><c>BPF_STDERR</c>: what the program says, and what the kernel says of it when it is stopped.</summary>
    Error = 2,
}
