using System.Buffers;
using System.Globalization;
using System.Text;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>
/// Loads a program with a log. The buffer grows until the log fits: to the size that the kernel reports (6.4), by a factor before. A log that only explains an error
/// is kept in part when it is large: writing and reading the tens of megabytes of a program that is too complex takes many times as long as the load.
/// </summary>
internal static unsafe class VerifierLogRequest
{
    /// <summary>The size above which requested logs are kept in part. The kernel accepts four times as much (UINT_MAX >> 2, 5.2).</summary>
    internal const int LargestSize = 256 * 1024 * 1024;

    /// <summary>The size above which logs that only explain an error are kept in part.</summary>
    internal const int LargestUnasked = 4 * 1024 * 1024;

    /// <summary>The largest buffer that kernels before 5.2 accept (UINT_MAX >> 8); they return EINVAL for a larger one.</summary>
    internal const int LargestOldSize = 0x00ff_ffff;

    private const int FirstSize = 64 * 1024;
    private const int SentenceSize = 4096;
    private const int Leap = 8;

    /// <summary>
    /// Loads a rejected program again with a log. A log that is larger than <see cref="LargestUnasked"/> is kept in part: its end if the kernel keeps that (6.4), otherwise its
    /// beginning and its last sentence.
    /// </summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="attributes">The load; this method sets its log fields.</param>
    /// <param name="verdict">The kernel's answer to the load without a log: a log that does not fit hides the answer behind ENOSPC.</param>
    internal static ProgramLoader.Outcome Explain(IKernel kernel, ref ProgramLoadAttr attributes, long verdict)
    {
        attributes.LogLevel = (uint)BpfVerifierLogLevel.Brief;
        ProgramLoader.Outcome outcome = Ask(kernel, ref attributes, FirstSize);
        uint needed = attributes.LogTrueSize;
        if (outcome.Result == -Errno.ENOSPC && needed <= LargestUnasked)
        {
            outcome = Ask(kernel, ref attributes, needed > FirstSize ? (int)needed : LargestUnasked);
            needed = attributes.LogTrueSize;
        }

        if (outcome.Result != -Errno.ENOSPC)
        {
            return outcome;
        }

        string log = needed > 0 ? WithoutBeginning(outcome.Log, needed) : WithoutMiddle(outcome.Log, Sentence(kernel, ref attributes));
        return new ProgramLoader.Outcome(verdict, log);
    }

    /// <summary>Loads with a requested log, which is complete up to <see cref="LargestSize"/>.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="attributes">The load; this method sets its log fields.</param>
    /// <param name="level">The log level.</param>
    internal static ProgramLoader.Outcome Load(IKernel kernel, ref ProgramLoadAttr attributes, BpfVerifierLogLevel level)
    {
        attributes.LogLevel = (uint)level;
        string kept = "";
        for (int size = FirstSize; ; size = Next(size, attributes.LogTrueSize))
        {
            ProgramLoader.Outcome outcome = Ask(kernel, ref attributes, size);
            bool isTooLarge = outcome.Result == -Errno.EINVAL && size > LargestOldSize && kept.Length > 0;
            if (outcome.Result != -Errno.ENOSPC && !isTooLarge)
            {
                return outcome;
            }

            if (isTooLarge || size == LargestSize)
            {
                // A log that does not fit hides the answer, so the program is loaded once more without one.
                attributes.LogLevel = 0;
                attributes.LogBuf = 0;
                attributes.LogSize = 0;
                return new ProgramLoader.Outcome(ProgramLoader.Ask(kernel, ref attributes), isTooLarge ? kept : outcome.Log);
            }

            // Kernels before 6.4 keep a log's beginning, newer ones its end; either is useful if no larger buffer is accepted.
            kept = size * (long)Leap > LargestOldSize ? outcome.Log : "";
        }
    }

    private static ProgramLoader.Outcome Ask(IKernel kernel, ref ProgramLoadAttr attributes, int size)
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
                return new ProgramLoader.Outcome(result, Text(buffer, size));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // With statistics only (5.2), the verifier writes no instructions, so little more than the reason.
    private static string Sentence(IKernel kernel, ref ProgramLoadAttr attributes)
    {
        attributes.LogLevel = (uint)BpfVerifierLogLevel.Statistics;
        return Ask(kernel, ref attributes, SentenceSize).Log;
    }

    private static string WithoutBeginning(string log, uint size)
    {
        // The first line is incomplete, unless it is the only one.
        int cut = log.IndexOf('\n', StringComparison.Ordinal) + 1;
        string end = cut < log.Length ? log[cut..] : log;
        return string.Create(CultureInfo.InvariantCulture, $"{VerifierLog.Gap}the first {size - 1 - end.Length} of {size - 1} bytes are left out ...\n{end}");
    }

    private static string WithoutMiddle(string log, string sentence)
    {
        int end = log.LastIndexOf('\n');
        return sentence.Length == 0 ? log : $"{(end < 0 ? log : log[..end])}\n{VerifierLog.Gap}the middle is left out ...\n{sentence}";
    }

    // The kernel includes the closing zero.
    private static int Next(int size, uint trueSize) => trueSize > size ? (int)Math.Min(trueSize, LargestSize) : Math.Min(size * Leap, LargestSize);

    private static string Text(byte[] buffer, int size)
    {
        ReadOnlySpan<byte> log = buffer.AsSpan(0, size);
        int end = log.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? log : log[..end]);
    }
}
