using System.Runtime.InteropServices;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf;

/// <summary>A program loaded from instructions alone, without an object. Whoever loads it owns it.</summary>
public sealed class BpfInstructionProgram : BpfProgram, IBpfPacketTest, IBpfContextTest, IDisposable
{
    /// <summary>The most instructions the kernel takes from a privileged process (5.2).</summary>
    public const int MaxInstructions = 1_000_000;

    private BpfInstructionProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Loads a program. Needs CAP_BPF, and CAP_PERFMON or CAP_NET_ADMIN for tracing and network types.</summary>
    /// <param name="instructions">Its instructions, 8 bytes each, in this machine's byte order.</param>
    /// <param name="type">The kind of program.</param>
    /// <param name="name">Its name; the kernel keeps its first 15 bytes.</param>
    /// <param name="license">Its license; most tracing helpers want one compatible with the GPL.</param>
    /// <param name="attachType">Where it will be attached, for the types that must say so at load.</param>
    /// <returns>The program; dispose it to unload it.</returns>
    /// <exception cref="ArgumentException">There are no instructions, or half a one, or more than <see cref="MaxInstructions"/>; the kernel was not asked.</exception>
    /// <exception cref="BpfVerifierException">The verifier refused the program.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfInstructionProgram Load(
        ReadOnlySpan<byte> instructions, BpfProgramType type, string name = "instructions", string license = "Dual BSD/GPL", BpfAttachType attachType = 0)
    {
        Check(instructions.Length);
        return Load(LinuxKernel.Instance, Code(instructions, type, name, license, attachType));
    }

    /// <summary>Unloads the program.</summary>
    public void Dispose() => Unload();

    internal static BpfInstructionProgram Load(IKernel kernel, ProgramCode code)
    {
        MemoryLock.Raise(kernel);
        ProgramLoader.Outcome outcome = ProgramLoader.Load(kernel, code);
        if (outcome.Result < 0)
        {
            throw VerifierFailure.Of(kernel, code, outcome, linked: null, types: null, poisoned: []);
        }

        BpfMetrics.ProgramLoaded(code.Type);
        return new BpfInstructionProgram(new BpfProgramDescriptor(kernel, code.Name, code.Type)
        {
            AttachType = code.ExpectedAttachType,
            AttachBtfId = code.AttachBtfId,
            Handle = new BpfHandle(kernel, outcome.Result),
        });
    }

    internal static ProgramCode Code(ReadOnlySpan<byte> instructions, BpfProgramType type, string name, string license, BpfAttachType attachType)
        => new(name, type, MemoryMarshal.Cast<byte, BpfInstruction>(instructions).ToArray()) { License = license, ExpectedAttachType = attachType };

    private static void Check(int length)
    {
        if (length == 0)
        {
            throw new ArgumentException("A program has at least one instruction; these bytes are empty.", "instructions");
        }

        if (length % BpfInstruction.Size != 0)
        {
            throw new ArgumentException($"An instruction has {BpfInstruction.Size} bytes; {length} bytes are not a whole number of them.", "instructions");
        }

        if (length / BpfInstruction.Size > MaxInstructions)
        {
            throw new ArgumentException($"The kernel takes at most {MaxInstructions} instructions; these are {length / BpfInstruction.Size}.", "instructions");
        }
    }
}
