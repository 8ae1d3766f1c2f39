using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>How the buffer of the verifier's log grows, on kernels that tell the size they need and on kernels that do not.</summary>
public sealed unsafe class VerifierLogRequestTests
{
    private const string Sentence = "BPF program is too large. Processed 1000001 insn\n";

    private readonly List<uint> _sizes = [];

    [Fact]
    public void No_log_is_requested_until_a_load_fails()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 100, tellsSize: false, verdict: 7);
        Assert.Equal(7, outcome.Result);
        Assert.Equal("", outcome.Log);
        Assert.Equal([0], _sizes);
    }

    [Fact]
    public void A_requested_log_is_there_for_an_accepted_program()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 100, tellsSize: false, verdict: 7, BpfVerifierLogLevel.Brief);
        Assert.Equal(7, outcome.Result);
        Assert.Equal(100, outcome.Log.Length);
        Assert.Single(_sizes);
    }

    [Fact]
    public void A_kernel_that_reports_the_size_is_asked_once_more()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 3_000_000, tellsSize: true, verdict: -Errno.EACCES);
        Assert.Equal(-Errno.EACCES, outcome.Result);
        Assert.Equal(3_000_000, outcome.Log.Length);
        Assert.Equal([0, 65536, 3_000_001], _sizes);
    }

    [Fact]
    public void Without_the_size_the_largest_buffer_is_next()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 3_000_000, tellsSize: false, verdict: -Errno.EACCES);
        Assert.Equal(3_000_000, outcome.Log.Length);
        Assert.Equal([0, 65536, 4194304], _sizes);
    }

    [Fact]
    public void The_log_of_a_kernel_with_small_logs_is_kept()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 30_000_000, tellsSize: false, verdict: -Errno.EACCES, BpfVerifierLogLevel.Brief, largest: VerifierLogRequest.LargestOldSize);
        Assert.Equal(-Errno.EACCES, outcome.Result);
        Assert.InRange(outcome.Log.Length, 4_000_000, VerifierLogRequest.LargestOldSize);
    }

    [Fact]
    public void Of_a_large_log_that_was_not_requested_the_end_suffices()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 75_000_000, tellsSize: true, verdict: -Errno.E2BIG);

        Assert.Equal(-Errno.E2BIG, outcome.Result);
        Assert.EndsWith(Sentence, outcome.Log, StringComparison.Ordinal);
        Assert.InRange(outcome.Log.Length, 65_000, VerifierLogRequest.LargestUnasked);
        Assert.Equal(2, _sizes.Count);
    }

    [Fact]
    public void A_kernel_that_keeps_the_start_of_a_large_log_is_asked_for_the_sentence_alone()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 75_000_000, tellsSize: false, verdict: -Errno.E2BIG);

        Assert.Equal(-Errno.E2BIG, outcome.Result);
        Assert.EndsWith(Sentence, outcome.Log, StringComparison.Ordinal);
        Assert.InRange(outcome.Log.Length, 65_000, VerifierLogRequest.LargestUnasked + 1024);
        Assert.Equal(4, _sizes.Count);
    }

    [Fact]
    public void A_large_log_that_was_requested_is_whole()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 75_000_000, tellsSize: true, verdict: -Errno.E2BIG, BpfVerifierLogLevel.Brief);

        Assert.Equal(75_000_000, outcome.Log.Length);
    }

    private ProgramLoader.Outcome Load(int logSize, bool tellsSize, long verdict, BpfVerifierLogLevel level = BpfVerifierLogLevel.None, uint largest = uint.MaxValue)
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('x', logSize - Sentence.Length) + Sentence);
        var kernel = new ScriptedKernel();
        BpfFeatures.Of(kernel).Has(BpfFeature.ObjectNames);
        kernel.OnBpf = (command, attributes) => command == BpfCommand.ProgramLoad ? Answer((ProgramLoadAttr*)attributes, text, tellsSize, verdict, largest) : null;
        return ProgramLoader.Load(kernel, new ProgramCode("p", BpfProgramType.SocketFilter, [new BpfInstruction(BpfOpCode.Exit, 0, 0, 0, 0)]) { LogLevel = level });
    }

    private long Answer(ProgramLoadAttr* load, byte[] text, bool tellsSize, long verdict, uint largest)
    {
        _sizes.Add(load->LogSize);
        if (load->LogLevel == 0)
        {
            return verdict;
        }

        if (load->LogSize > largest)
        {
            return -Errno.EINVAL;
        }

        // Without the instructions (BPF_LOG_STATS alone) there is only the sentence.
        if (load->LogLevel == (uint)BpfVerifierLogLevel.Statistics)
        {
            text = Encoding.ASCII.GetBytes(Sentence);
        }

        // Kernels that report the size (6.4) keep the end, others the beginning.
        int fits = (int)Math.Min(text.Length, load->LogSize - 1);
        text.AsSpan(tellsSize ? text.Length - fits : 0, fits).CopyTo(new Span<byte>((void*)load->LogBuf, fits));
        ((byte*)load->LogBuf)[fits] = 0;
        load->LogTrueSize = tellsSize ? (uint)text.Length + 1 : 0;
        return fits < text.Length ? -Errno.ENOSPC : verdict;
    }
}
