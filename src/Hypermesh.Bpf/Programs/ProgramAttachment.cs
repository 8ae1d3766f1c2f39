using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Programs;

/// <summary>BPF_PROG_ATTACH (4.10) and BPF_PROG_DETACH, for targets and kernels without links. It stays attached until it is detached or the target ends, not until the process ends.</summary>
internal sealed unsafe class ProgramAttachment : LinkResource
{
    private readonly IKernel _kernel;
    private readonly HeldHandle _program;
    private readonly HeldHandle? _target;
    private readonly BpfAttachType _type;

    private ProgramAttachment(IKernel kernel, HeldHandle program, HeldHandle? target, BpfAttachType type)
    {
        _kernel = kernel;
        _program = program;
        _target = target;
        _type = type;
    }

    /// <summary>Attaches, or returns null and the negative errno.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="program">The program.</param>
    /// <param name="target">A control group, a map or a device; null if the kernel uses the thread's network namespace.</param>
    /// <param name="type">The hook.</param>
    /// <param name="flags">How it is combined with other programs.</param>
    /// <param name="replaced">The program to replace, with <see cref="BpfAttachFlags.Replace"/>.</param>
    /// <param name="anchor">The place among other programs.</param>
    /// <param name="result">0 or the negative errno.</param>
    internal static ProgramAttachment? TryOpen(
        IKernel kernel, BpfHandle program, SafeHandle? target, BpfAttachType type, BpfAttachFlags flags, BpfHandle? replaced, BpfAnchor anchor, out long result)
    {
        var heldProgram = new HeldHandle(program);
        HeldHandle? heldTarget = target is null ? null : new HeldHandle(target);
        using HeldHandle? neighbour = anchor.Hold();
        using HandleUse old = replaced is null ? default : replaced.Use();
        ProgramAttachAttr attributes = default;
        attributes.TargetFd = (uint)(heldTarget?.Descriptor ?? 0);
        attributes.AttachBpfFd = (uint)heldProgram.Descriptor;
        attributes.AttachType = (uint)type;
        attributes.AttachFlags = (uint)(flags | anchor.Flags);
        attributes.ReplaceBpfFd = replaced is null ? 0 : (uint)old.Descriptor;
        attributes.RelativeId = neighbour is null ? anchor.Id : (uint)neighbour.Descriptor;
        attributes.ExpectedRevision = anchor.ExpectedRevision;
        result = kernel.Bpf(BpfCommand.ProgramAttach, &attributes, (uint)sizeof(ProgramAttachAttr));
        if (result >= 0)
        {
            return new ProgramAttachment(kernel, heldProgram, heldTarget, type);
        }

        heldTarget?.Dispose();
        heldProgram.Dispose();
        return null;
    }

    public override void Dispose()
    {
        var teardown = default(Teardown);
        teardown.Do(this, static attachment => attachment.Detach());
        teardown.End(_target);
        teardown.End(_program);
        teardown.Report();
    }

    private void Detach()
    {
        ProgramAttachAttr attributes = default;
        attributes.TargetFd = (uint)(_target?.Descriptor ?? 0);
        attributes.AttachBpfFd = (uint)_program.Descriptor;
        attributes.AttachType = (uint)_type;

        // ENOENT: another program has replaced it, or its target no longer exists. In both cases nothing of ours is attached.
        _kernel.Bpf(BpfCommand.ProgramDetach, &attributes, (uint)sizeof(ProgramAttachAttr));
    }
}
