using System.Buffers;
using System.Text;
using Hypermesh.Bpf.Abi;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Loads a program with a log, in a buffer that grows until the whole log fits: to the size the kernel says it needs (6.4), by leaps before.
/// </summary>
internal static unsafe class VerifierLogRequest
{
    /// <summary>Logs beyond this are kept in part. The kernel takes four times as much (UINT_MAX >> 2, 5.2).</summary>
    internal const int LargestSize = 256 * 1024 * 1024;

    /// <summary>What kernels before 5.2 take at most (UINT_MAX >> 8); larger buffers are EINVAL there.</summary>
    internal const int LargestOldSize = 0x00ff_ffff;

    private const int FirstSize = 64 * 1024;
    private const int Leap = 8;

    /// <param name="kernel">The kernel.</param>
    /// <param name="attributes">The load; its log fields are filled in here.</param>
    /// <param name="level">How much to write.</param>
    /// <param name="verdict">The kernel's answer to the load without a log, null when none was tried: a log that does not fit hides the answer behind ENOSPC.</param>
    internal static ProgramLoader.Outcome Load(IKernel kernel, ref ProgramLoadAttr attributes, VerifierLogLevel level, long? verdict)
    {
        attributes.LogLevel = (uint)level;
        ProgramLoader.Outcome last = default;
        for (int size = FirstSize; ; size = Next(size, attributes.LogTrueSize))
        {
            byte[] buffer = ArrayPool<byte>.Shared.Rent(size);
            try
            {
                buffer[0] = 0;
                fixed (byte* log = buffer)
                {
                    attributes.LogBuf = (ulong)log;
                    attributes.LogSize = (uint)size;
                    attributes.LogTrueSize = 0;
                    long result = ProgramLoader.Ask(kernel, ref attributes);
                    if (result == -Errno.EINVAL && size > LargestOldSize && last.Result == -Errno.ENOSPC)
                    {
                        return last with { Result = verdict ?? last.Result };
                    }

                    bool isWhole = result != -Errno.ENOSPC;
                    if (!isWhole && size < LargestSize)
                    {
                        // Old kernels keep a log's beginning, newer ones its end; either is worth having should there be no larger buffer.
                        last = size * (long)Leap > LargestOldSize ? new ProgramLoader.Outcome(result, Text(buffer, size)) : new ProgramLoader.Outcome(result, "");
                        continue;
                    }

                    return new ProgramLoader.Outcome(isWhole ? result : verdict ?? result, Text(buffer, size));
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    // The kernel counts the closing zero in.
    private static int Next(int size, uint trueSize) => trueSize > size ? (int)Math.Min(trueSize, LargestSize) : Math.Min(size * Leap, LargestSize);

    private static string Text(byte[] buffer, int size)
    {
        ReadOnlySpan<byte> log = buffer.AsSpan(0, size);
        int end = log.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? log : log[..end]);
    }
}
