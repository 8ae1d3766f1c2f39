using System.Text;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>
/// Loads one program: first without a log, because a log costs time; again with a log if the verifier rejects it.
/// </summary>
internal static unsafe class ProgramLoader
{
    // The verifier stops for a pending signal; libbpf uses the same number of attempts.
    private const int Attempts = 5;

    /// <summary>The outcome: a descriptor or a negative errno, with the verifier's log, which is empty if no log was requested or the verifier was not reached.</summary>
    internal readonly record struct Outcome(long Result, string Log);

    internal static Outcome Load(IKernel kernel, ProgramCode code)
    {
        byte[] license = Encoding.UTF8.GetBytes(code.License + '\0');
        using HandleUse btf = code.Btf is { } handle ? handle.Use() : default;
        using HandleUse target = (code.AttachProgram ?? code.AttachBtf) is { } owner ? owner.Use() : default;
        using HandleUse token = code.Token is { } permission ? permission.Use() : default;
        // The current load holds the modules' types open.
        int[] modules = code.FunctionModules.Count == 0 ? [] : [0, .. code.FunctionModules.Select(static one => (int)one.DangerousGetHandle())];
        fixed (int* moduleDescriptors = modules)
        fixed (byte* licenseText = license)
        fixed (BpfInstruction* instructions = code.Instructions)
        fixed (LinkedFunction* functions = code.Functions)
        fixed (LinkedLine* lines = code.Lines)
        {
            ProgramLoadAttr attributes = default;
            attributes.ProgType = (uint)code.Type;
            attributes.InsnCnt = (uint)code.Instructions.Length;
            attributes.Insns = (ulong)instructions;
            attributes.License = (ulong)licenseText;
            attributes.KernVersion = code.KernelVersion;
            attributes.ProgFlags = (uint)code.Flags;
            attributes.ExpectedAttachType = (uint)code.ExpectedAttachType;
            attributes.AttachBtfId = (uint)code.AttachBtfId;

            // The target program and the module's BTF share one field; the kernel distinguishes them.
            attributes.AttachBtfObjFd = code.AttachProgram is null && code.AttachBtf is null ? 0 : (uint)target.Descriptor;
            attributes.FdArray = (ulong)moduleDescriptors;
            if (KernelFeatures.ObjectNames.Has(kernel))
            {
                ObjectNames.Write(code.Name, new Span<byte>(attributes.ProgName, 16));
            }

            // A kernel without functions in types (before 5.0) accepts neither functions nor C lines.
            if (code.Btf is not null && TypeFeatures.Functions.Has(kernel))
            {
                attributes.ProgBtfFd = (uint)btf.Descriptor;
                attributes.FuncInfoRecSize = (uint)sizeof(LinkedFunction);
                attributes.FuncInfo = (ulong)functions;
                attributes.FuncInfoCnt = (uint)code.Functions.Length;
                attributes.LineInfoRecSize = (uint)sizeof(LinkedLine);
                attributes.LineInfo = (ulong)lines;
                attributes.LineInfoCnt = (uint)code.Lines.Length;
            }

            if (code.Token is not null)
            {
                attributes.ProgTokenFd = token.Descriptor;
                attributes.ProgFlags |= (uint)ProgramLoadFlags.Token;
            }

            if (code.LogLevel != BpfVerifierLogLevel.None)
            {
                return VerifierLogRequest.Load(kernel, ref attributes, code.LogLevel);
            }

            long result = Ask(kernel, ref attributes);
            return result >= 0 ? new Outcome(result, "") : Explain(kernel, ref attributes, result);
        }
    }

    // If the second attempt succeeds, the cause of the first error has passed: the program is loaded, and its log was not requested.
    private static Outcome Explain(IKernel kernel, ref ProgramLoadAttr attributes, long verdict)
    {
        Outcome outcome = VerifierLogRequest.Explain(kernel, ref attributes, verdict);
        return outcome.Result >= 0 ? outcome with { Log = "" } : outcome;
    }

    /// <summary>Loads, and retries if the kernel stopped for a temporary reason.</summary>
    internal static long Ask(IKernel kernel, ref ProgramLoadAttr attributes)
    {
        fixed (ProgramLoadAttr* pointer = &attributes)
        {
            long result;
            int attempt = 0;
            do
            {
                result = kernel.Bpf(BpfCommand.ProgramLoad, pointer, (uint)sizeof(ProgramLoadAttr));
            }
            while (result == -Errno.EAGAIN && ++attempt < Attempts);

            return result;
        }
    }
}

/// <summary>The input of a program load: instructions and their metadata.</summary>
internal sealed record ProgramCode(string Name, BpfProgramType Type, BpfInstruction[] Instructions)
{
    internal string? ObjectName { get; init; }

    /// <summary>The program's section in C, which names its type and target; empty if there is none.</summary>
    internal string SectionName { get; init; } = "";

    internal BpfAttachType ExpectedAttachType { get; init; }

    internal ProgramLoadFlags Flags { get; init; }

    internal string License { get; init; } = "";

    internal uint KernelVersion { get; init; }

    internal int AttachBtfId { get; init; }

    /// <summary>The module whose BTF has the target; null for the kernel itself.</summary>
    internal BpfHandle? AttachBtf { get; init; }

    /// <summary>The program whose function is the target; null for the kernel.</summary>
    internal BpfHandle? AttachProgram { get; init; }

    internal BpfHandle? Btf { get; init; }

    /// <summary>The BTF of the modules whose functions it calls: the n-th has the index n + 1 in calls.</summary>
    internal IReadOnlyList<BpfHandle> FunctionModules { get; init; } = [];

    /// <summary>The token that permits the load; null for none.</summary>
    internal BpfHandle? Token { get; init; }

    internal LinkedFunction[] Functions { get; init; } = [];

    internal LinkedLine[] Lines { get; init; } = [];

    /// <summary>The verifier log to keep even if the program is accepted.</summary>
    internal BpfVerifierLogLevel LogLevel { get; init; }

    /// <summary>The capabilities that its type requires.</summary>
    internal Capabilities Needs => ProgramCapabilities.Of(Type);
}
