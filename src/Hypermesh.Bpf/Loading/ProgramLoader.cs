using System.Buffers;
using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Loads one program: without a log at first, since a log costs time; with one when the verifier refuses, in a buffer that grows
/// until the whole log fits.
/// </summary>
internal static unsafe class ProgramLoader
{
    private const int FirstLogSize = 64 * 1024;

    // Kernels before 5.18 take no larger buffer (UINT_MAX >> 8).
    private const int LargestLogSize = 0x00ff_ffff;

    // The verifier gives up for a pending signal; libbpf tries as often.
    private const int Attempts = 5;

    /// <summary>The outcome: a descriptor or a negative errno with the verifier's log, empty where the verifier was not reached.</summary>
    internal readonly record struct Outcome(long Result, string Log);

    internal static Outcome Load(IKernel kernel, ProgramCode code)
    {
        byte[] license = Encoding.UTF8.GetBytes(code.License + '\0');
        using HandleUse btf = code.Btf is { } handle ? handle.Use() : default;
        fixed (byte* licenseText = license)
        fixed (BpfInstruction* instructions = code.Instructions)
        fixed (LinkedFunction* functions = code.Functions)
        fixed (LinkedLine* lines = code.Lines)
        {
            ProgramLoadAttr attributes = default;
            attributes.ProgType = (uint)code.Type;
            attributes.InsnCnt = (uint)code.Instructions.Length;
            attributes.Insns = (ulong)instructions;
            attributes.License = (ulong)licenseText;
            attributes.KernVersion = code.KernelVersion;
            attributes.ProgFlags = (uint)code.Flags;
            attributes.ExpectedAttachType = (uint)code.ExpectedAttachType;
            attributes.AttachBtfId = (uint)code.AttachBtfId;
            if (BpfFeatures.Of(kernel).Has(BpfFeature.ObjectNames))
            {
                ObjectNames.Write(code.Name, new Span<byte>(attributes.ProgName, 16));
            }

            if (code.Btf is not null)
            {
                attributes.ProgBtfFd = (uint)btf.Descriptor;
                attributes.FuncInfoRecSize = (uint)sizeof(LinkedFunction);
                attributes.FuncInfo = (ulong)functions;
                attributes.FuncInfoCnt = (uint)code.Functions.Length;
                attributes.LineInfoRecSize = (uint)sizeof(LinkedLine);
                attributes.LineInfo = (ulong)lines;
                attributes.LineInfoCnt = (uint)code.Lines.Length;
            }

            long result = Ask(kernel, ref attributes);
            return result >= 0 ? new Outcome(result, "") : AskForLog(kernel, ref attributes, result);
        }
    }

    private static Outcome AskForLog(IKernel kernel, ref ProgramLoadAttr attributes, long first)
    {
        attributes.LogLevel = 1;
        for (int size = FirstLogSize; ; size = Math.Min(size * 4, LargestLogSize))
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                buffer[0] = 0;
                fixed (byte* log = buffer)
                {
                    attributes.LogBuf = (ulong)log;
                    attributes.LogSize = (uint)size;
                    long result = Ask(kernel, ref attributes);
                    if (result == -Errno.ENOSPC && size < LargestLogSize)
                    {
                        continue;
                    }

                    // A log that does not fit even so hides the verdict behind ENOSPC; the first try had it.
                    return new Outcome(result == -Errno.ENOSPC ? first : result, result >= 0 ? "" : Text(buffer.AsSpan(0, size)));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static long Ask(IKernel kernel, ref ProgramLoadAttr attributes)
    {
        fixed (ProgramLoadAttr* pointer = &attributes)
        {
            long result;
            int attempt = 0;
            do
            {
                result = kernel.Bpf(BpfCommand.ProgramLoad, pointer, (uint)sizeof(ProgramLoadAttr));
            }
            while (result == -Errno.EAGAIN && ++attempt < Attempts);

            return result;
        }
    }

    private static string Text(ReadOnlySpan<byte> buffer)
    {
        int end = buffer.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? buffer : buffer[..end]);
    }
}
