using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>A refusal of all programs of a kind is distinguished from a refusal of one program; where a capability is missing, neither is probed.</summary>
public sealed unsafe class SmallestProgramTests
{
    private const int LengthOffset = 4;

    private readonly ScriptedKernel _kernel = new();
    private readonly ProgramCode _code = new("walk", BpfProgramType.Tracing, [new(0xb7, 0, 0, 0, 0), new(0xb7, 0, 0, 0, 1), new(0x95, 0, 0, 0, 0)])
    {
        ObjectName = "walks",
        SectionName = "iter/bpf_map_elem",
        ExpectedAttachType = BpfAttachType.TraceIter,
    };

    [Theory]
    [InlineData(Errno.EPERM, "")]
    [InlineData(Errno.EACCES, "")]

    // A policy that is asked after the verifier.
    [InlineData(Errno.EPERM, "processed 14 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n")]
    public void A_refused_kind_is_reported_as_one(int errno, string log)
    {
        BpfSyscallException refused = Refused(errno, longestAccepted: 0, log);

        var policy = Assert.IsType<BpfPermissionException>(refused);
        Assert.Equal((BpfRefusal.KernelPolicy, "walks", "walk"), (policy.Refused, policy.ObjectName, policy.SubjectName));
        Assert.Contains("the smallest program of this kind is rejected too (SEC(\"iter/bpf_map_elem\"))", policy.Message, StringComparison.Ordinal);
        Assert.Contains("set Optional on the program", policy.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_alone_is_refused_is_reported_as_such()
    {
        BpfSyscallException refused = Refused(Errno.EPERM, longestAccepted: 2);

        Assert.Contains("The smallest program of this kind is accepted (SEC(\"iter/bpf_map_elem\")), so only this program is rejected.", refused.Message, StringComparison.Ordinal);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData("CapEff:\t0000008000000000\n")]
    [InlineData(null)]
    public void A_missing_capability_is_not_reported_as_policy(string? status)
    {
        if (status is null)
        {
            _kernel.Files.Remove("/proc/thread-self/status");
        }
        else
        {
            _kernel.Files["/proc/thread-self/status"] = System.Text.Encoding.ASCII.GetBytes(status);
        }

        int loads = 0;
        _kernel.OnBpf = (command, _) =>
        {
            loads += command == BpfCommand.ProgramLoad ? 1 : 0;
            return null;
        };
        BpfSyscallException refused = VerifierFailure.Of(_kernel, _code, new ProgramLoader.Outcome(-Errno.EPERM, ""), linked: null, types: null, poisoned: []);

        Assert.Equal(0, loads);
        Assert.DoesNotContain("smallest", refused.Message, StringComparison.Ordinal);
    }

    private BpfSyscallException Refused(int errno, int longestAccepted, string log = "")
    {
        _kernel.OnBpf = (command, attributes) => command != BpfCommand.ProgramLoad ? null : *(int*)(attributes + LengthOffset) > longestAccepted ? -errno : null;
        return VerifierFailure.Of(_kernel, _code, new ProgramLoader.Outcome(-errno, log), linked: null, types: null, poisoned: []);
    }
}
