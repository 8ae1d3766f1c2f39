using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>Programs loaded from instructions.</summary>
public sealed class InstructionProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public unsafe void A_verifier_that_gives_no_reason_has_the_error_as_the_reason()
    {
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command != BpfCommand.ProgramLoad)
            {
                return null;
            }

            var load = (ProgramLoadAttr*)attributes;
            if (load->LogLevel != 0)
            {
                "processed 0 insns (limit 1000000)\0"u8.CopyTo(new Span<byte>((void*)load->LogBuf, (int)load->LogSize));
            }

            return -Errno.ENOMEM;
        };
        var code = new ProgramCode("p", BpfProgramType.SocketFilter, [new(0x95, 0, 0, 0, 0)]);
        var error = Assert.Throws<BpfVerifierException>(() => BpfInstructionProgram.Load(_kernel, code));
        Assert.Equal("out of memory", error.Reason);
        Assert.Contains("out of memory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, BpfProgramType.SocketFilter, "there are no instructions")]
    [InlineData(1, BpfProgramType.SocketFilter, "1 bytes are not a whole number of instructions of 8 bytes")]
    [InlineData(12, BpfProgramType.SocketFilter, "12 bytes are not a whole number of instructions of 8 bytes")]
    [InlineData(8 * 1_000_001, BpfProgramType.SocketFilter, "1000001 instructions, and the kernel accepts at most 1000000")]
    [InlineData(16, BpfProgramType.Tracing, "needs a target function")]
    [InlineData(16, BpfProgramType.Unspec, "use another type")]
    public void Instructions_that_no_kernel_accepts_are_rejected_before_it_is_asked(int bytes, BpfProgramType type, string reason)
    {
        var error = Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(_kernel, new byte[bytes], type, "filter", "GPL", 0));
        Assert.StartsWith("Program filter cannot be loaded", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(_kernel, new byte[16], BpfProgramType.Xdp, "", "GPL", 0));
        Assert.Empty(_kernel.Calls);
    }

    [Theory]
    [InlineData(1, BpfProgramType.SocketFilter, 0)]
    [InlineData(1_000_000, BpfProgramType.Xdp, 0)]
    [InlineData(2, BpfProgramType.Syscall, 1 << 4)]
    public unsafe void The_kernel_gets_the_instructions_unchanged(int instructions, BpfProgramType type, int flags)
    {
        ProgramLoadAttr seen = default;
        _kernel.OnBpf = (command, attributes) =>
        {
            seen = command == BpfCommand.ProgramLoad ? *(ProgramLoadAttr*)attributes : seen;
            return null;
        };

        BpfInstructionProgram.Load(_kernel, new byte[instructions * 8], type, "filter", "GPL", BpfAttachType.Xdp).Dispose();

        Assert.Equal(((uint)type, (uint)instructions, (uint)flags, (uint)BpfAttachType.Xdp), (seen.ProgType, seen.InsnCnt, seen.ProgFlags, seen.ExpectedAttachType));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_load_that_fails_with_EAGAIN_is_tried_again()
    {
        var code = new ProgramCode("p", BpfProgramType.SocketFilter, [new(0xb7, 0, 0, 0, 0), new(0x95, 0, 0, 0, 0)]);
        BpfFeatures.Of(_kernel).Check(BpfFeature.ObjectNames);
        _kernel.Calls.Clear();
        _kernel.Answer(BpfCommand.ProgramLoad, -Errno.EAGAIN, -Errno.EAGAIN);
        using (BpfInstructionProgram program = BpfInstructionProgram.Load(_kernel, code))
        {
            Assert.True(program.IsLoaded);
        }

        Assert.Equal(3, _kernel.Calls.Count(call => call == "BPF_PROG_LOAD"));
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
