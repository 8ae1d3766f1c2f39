using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf;

/// <summary>A program loaded from its instructions only, without an object. The caller owns it.</summary>
public sealed class BpfInstructionProgram : BpfProgram, IBpfPacketTest, IBpfContextTest, IDisposable
{
    /// <summary>The largest number of instructions the kernel accepts from a privileged process (5.2).</summary>
    public const int MaxInstructions = 1_000_000;

    private BpfInstructionProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Loads a program from the bytes of its instructions. Requires CAP_BPF, and CAP_PERFMON for tracing types or CAP_NET_ADMIN for network types.</summary>
    /// <param name="instructions">Its instructions (<c>struct bpf_insn</c>), 8 bytes each, in this machine's byte order. They refer to maps by file descriptors.</param>
    /// <param name="type">The type of program. Types whose programs are loaded for one function (<c>Tracing</c>, <c>Lsm</c>, <c>StructOps</c>, <c>Ext</c>) need an object.</param>
    /// <param name="name">Its name; the kernel keeps its first 15 bytes.</param>
    /// <param name="license">Its license; most tracing helpers require one compatible with the GPL.</param>
    /// <param name="attachType">The attach type, for program types that need it at load.</param>
    /// <returns>The program; dispose it to unload it.</returns>
    /// <exception cref="ArgumentException">There are no instructions, or a part of one, or more than <see cref="MaxInstructions"/>; the type needs an object; the name is empty. The kernel was not called.</exception>
    /// <exception cref="BpfVerifierException">The verifier rejected the program.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy of the kernel denied the load; the message says which.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    [OverloadResolutionPriority(1)]
    public static BpfInstructionProgram Load(
        ReadOnlySpan<byte> instructions, BpfProgramType type, string name = "instructions", string license = "Dual BSD/GPL", BpfAttachType attachType = 0)
        => Load(LinuxKernel.Instance, instructions, type, name, license, attachType);

    /// <summary>Loads a program from its instructions, like <see cref="Load(ReadOnlySpan{byte}, BpfProgramType, string, string, BpfAttachType)"/> from their bytes.</summary>
    /// <param name="instructions">Its instructions.</param>
    /// <param name="type">The type of program.</param>
    /// <param name="name">Its name; the kernel keeps its first 15 bytes.</param>
    /// <param name="license">Its license; most tracing helpers require one compatible with the GPL.</param>
    /// <param name="attachType">The attach type, for program types that need it at load.</param>
    /// <returns>The program; dispose it to unload it.</returns>
    /// <exception cref="ArgumentException">There are no instructions, or more than <see cref="MaxInstructions"/>; the type needs an object; the name is empty. The kernel was not called.</exception>
    /// <exception cref="BpfVerifierException">The verifier rejected the program.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy of the kernel denied the load; the message says which.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfInstructionProgram Load(
        ReadOnlySpan<BpfInstruction> instructions, BpfProgramType type, string name = "instructions", string license = "Dual BSD/GPL", BpfAttachType attachType = 0)
        => Load(MemoryMarshal.AsBytes(instructions), type, name, license, attachType);

    /// <summary>Unloads the program.</summary>
    public void Dispose() => Unload();

    internal static BpfInstructionProgram Load(IKernel kernel, ReadOnlySpan<byte> instructions, BpfProgramType type, string name, string license, BpfAttachType attachType)
    {
        Check(instructions.Length, type, name, license);
        return Load(kernel, Code(instructions, type, name, license, attachType));
    }

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
        => new(name, type, MemoryMarshal.Cast<byte, BpfInstruction>(instructions).ToArray())
        {
            License = license,
            ExpectedAttachType = attachType,

            // Programs of this type must be sleepable.
            Flags = type == BpfProgramType.Syscall ? ProgramLoadFlags.Sleepable : ProgramLoadFlags.None,
        };

    private static void Check(int length, BpfProgramType type, string name, string license)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(license);
        if (length == 0)
        {
            throw new ArgumentException($"Program {name} cannot be loaded: there are no instructions. Pass at least two, which set r0 and exit.", "instructions");
        }

        if (length % BpfInstruction.Size != 0)
        {
            throw new ArgumentException(
                $"Program {name} cannot be loaded: {length} bytes are not a whole number of instructions of {BpfInstruction.Size} bytes. Pass whole instructions; a 64-bit constant takes two.", "instructions");
        }

        if (length / BpfInstruction.Size > MaxInstructions)
        {
            throw new ArgumentException(
                $"Program {name} cannot be loaded: it has {length / BpfInstruction.Size} instructions, and the kernel accepts at most {MaxInstructions}. Split it into programs that call each other through a BPF_MAP_TYPE_PROG_ARRAY.",
                "instructions");
        }

        if (type is BpfProgramType.Unspec or BpfProgramType.Tracing or BpfProgramType.Lsm or BpfProgramType.StructOps or BpfProgramType.Ext)
        {
            throw new ArgumentException(
                $"Program {name} cannot be loaded as {type}: a program of this type needs a target function, which instructions alone do not name. Compile it from C with a section such as SEC(\"fentry/…\"), or use another type.", nameof(type));
        }
    }
}
