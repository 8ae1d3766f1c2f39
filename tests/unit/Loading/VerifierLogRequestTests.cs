using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Tests.Unit.Kernel;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>How the buffer of the verifier's log grows, on kernels that tell the size they need and on kernels that do not.</summary>
public sealed unsafe class VerifierLogRequestTests
{
    private readonly List<uint> _sizes = [];

    [Fact]
    public void No_log_is_asked_for_until_a_load_fails()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 100, tellsSize: false, verdict: 7);
        Assert.Equal(7, outcome.Result);
        Assert.Equal("", outcome.Log);
        Assert.Equal([0], _sizes);
    }

    [Fact]
    public void A_log_asked_for_is_given_of_a_program_that_was_accepted()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 100, tellsSize: false, verdict: 7, VerifierLogLevel.Statistics);
        Assert.Equal(7, outcome.Result);
        Assert.Equal(100, outcome.Log.Length);
        Assert.Single(_sizes);
    }

    [Fact]
    public void A_kernel_that_tells_the_size_is_asked_once_more()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 3_000_000, tellsSize: true, verdict: -Errno.EACCES);
        Assert.Equal(-Errno.EACCES, outcome.Result);
        Assert.Equal(3_000_000, outcome.Log.Length);
        Assert.Equal([0, 65536, 3_000_001], _sizes);
    }

    [Fact]
    public void Otherwise_the_buffer_grows_by_leaps()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 3_000_000, tellsSize: false, verdict: -Errno.EACCES);
        Assert.Equal(3_000_000, outcome.Log.Length);
        Assert.Equal([0, 65536, 524288, 4194304], _sizes);
    }

    [Fact]
    public void What_a_kernel_of_small_logs_has_written_is_kept()
    {
        ProgramLoader.Outcome outcome = Load(logSize: 30_000_000, tellsSize: false, verdict: -Errno.EACCES, largest: VerifierLogRequest.LargestOldSize);
        Assert.Equal(-Errno.EACCES, outcome.Result);
        Assert.InRange(outcome.Log.Length, 4_000_000, VerifierLogRequest.LargestOldSize);
    }

    private ProgramLoader.Outcome Load(int logSize, bool tellsSize, long verdict, VerifierLogLevel level = VerifierLogLevel.None, uint largest = uint.MaxValue)
    {
        byte[] text = Encoding.ASCII.GetBytes(new string('x', logSize));
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

        int fits = (int)Math.Min(text.Length, load->LogSize - 1);
        text.AsSpan(0, fits).CopyTo(new Span<byte>((void*)load->LogBuf, fits));
        ((byte*)load->LogBuf)[fits] = 0;
        load->LogTrueSize = tellsSize ? (uint)text.Length + 1 : 0;
        return fits < text.Length ? -Errno.ENOSPC : verdict;
    }
}
