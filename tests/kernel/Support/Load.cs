using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Programs from instructions, as the classes the loader makes of them.</summary>
internal static class Load
{
    internal static BpfProgramDescriptor Descriptor(
        string name, BpfProgramType type, BpfInstruction[] code, BpfAttachType attach = 0, string? target = null, int attachBtfId = 0, ProgramLoadFlags flags = 0)
    {
        var request = new ProgramCode(name, type, code)
        {
            License = "Dual BSD/GPL",
            ExpectedAttachType = attach,
            AttachBtfId = attachBtfId,
            Flags = flags,
        };
        ProgramLoader.Outcome outcome = ProgramLoader.Load(LinuxKernel.Instance, request);
        Assert.True(outcome.Result >= 0, $"{outcome.Result} {outcome.Log}");
        return new BpfProgramDescriptor(LinuxKernel.Instance, name, type)
        {
            AttachType = attach,
            Target = target,
            AttachBtfId = attachBtfId,
            SectionName = target ?? "",
            Handle = new BpfHandle(LinuxKernel.Instance, outcome.Result),
        };
    }

    internal static BpfSyscallProgram Syscall(BpfInstruction[] code)
        => new(Descriptor("run", BpfProgramType.Syscall, code, flags: ProgramLoadFlags.Sleepable));

    /// <summary>A program that runs on demand and leaves its context as it is. Before syscall programs (5.14), raw tracepoints are run by the same command (5.10).</summary>
    internal static BpfSyscallProgram OnDemand(BpfInstruction[] code)
        => KernelFacts.Has(BpfFeature.SyscallProgram) ? Syscall(code) : new(Descriptor("run", BpfProgramType.RawTracepoint, code));
}
