using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that user space runs (<c>syscall</c>, 5.14), once for each call.</summary>
public sealed class BpfSyscallProgram : BpfProgram, IBpfContextTest
{
    internal BpfSyscallProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Runs the program once. Needs CAP_BPF.</summary>
    /// <typeparam name="TContext">The context's type, with the layout it has in the C.</typeparam>
    /// <param name="context">The context that the program gets; the program can change it.</param>
    /// <returns>The program's return value.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the context is longer than 64 KiB, or shorter than the program's reads.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public unsafe int Run<TContext>(ref TContext context)
        where TContext : unmanaged
    {
        using HandleUse use = Loaded.Use();
        fixed (TContext* start = &context)
        {
            while (true)
            {
                ProgramTestAttr attributes = default;
                attributes.ProgFd = (uint)use.Descriptor;
                attributes.CtxIn = (ulong)start;
                attributes.CtxSizeIn = (uint)sizeof(TContext);
                long result = Kernel.Bpf(BpfCommand.ProgramTestRun, &attributes, (uint)sizeof(ProgramTestAttr));
                if (result >= 0)
                {
                    return (int)attributes.Retval;
                }

                if (result != -Errno.EINTR)
                {
                    throw KernelErrors.Of(
                        Kernel, BpfCommand.ProgramTestRun, result, $"Running program {Name} with a context of {sizeof(TContext)} bytes", Capabilities.Bpf,
                        Descriptor.ObjectName, Name);
                }
            }
        }
    }
}
