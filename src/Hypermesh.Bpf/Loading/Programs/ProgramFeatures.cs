using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>Tests for what programs can contain and call.</summary>
internal static class ProgramFeatures
{
    internal static FeatureProbe ContextTags { get; } = new(BpfFeature.ContextTags, ContextTagProbe.Try);

    internal static FeatureProbe LoopHelper { get; } = new(BpfFeature.LoopHelper, static kernel => TryHelper(kernel, "BPF_FUNC_loop"));

    internal static IEnumerable<FeatureProbe> All => [ContextTags, LoopHelper];

    // A helper with a callback also needs an object's types, so it is not called: the kernel's BTF lists the helpers.
    private static long TryHelper(IKernel kernel, string name)
    {
        try
        {
            using KernelBtf types = KernelBtf.Borrow(kernel);
            int helpers = types.Types.Find("bpf_func_id", BtfKind.Enum);
            BtfType list = types.Types[helpers];
            for (int i = 0; helpers != 0 && i < list.Length; i++)
            {
                if (types.Types.GetString(list.EnumValue(i).NameOffset) == name)
                {
                    return 0;
                }
            }

            return -Errno.ENOENT;
        }
        catch (BpfSyscallException reason)
        {
            return -reason.Errno;
        }
    }
}

/// <summary>Loads a program with a global function whose parameter is the context only according to the tag, and that passes it to a helper.</summary>
internal static class ContextTagProbe
{
    private const int GetFunctionAddress = 173;

    internal static long Try(IKernel kernel)
    {
        // int a(void *a) calls int b(void *b __arg_ctx).
        byte[] types = ProbeTypes.WithInteger()
            .Add(BtfKind.Pointer, "", 0, 0)
            .Add(BtfKind.FunctionPrototype, "", 1, 1, ProbeTypes.Name("a"), 2)
            .Add(BtfKind.Function, "a", 1, 3)
            .Add(BtfKind.FunctionPrototype, "", 1, 1, ProbeTypes.Name("b"), 2)
            .Add(BtfKind.Function, "b", 1, 5)
            .Add(BtfKind.DeclarationTag, "arg:ctx", 0, 6, 0)
            .Build();
        long loaded = BtfCalls.TryLoad(kernel, types);
        if (loaded < 0)
        {
            return loaded;
        }

        using var btf = new BpfHandle(kernel, loaded);
        BpfInstruction[] code = [new(BpfOpCode.Call, 0, BpfOpCode.PseudoCall, 0, 1), ProbeCode.Exit(), ProbeCode.Call(GetFunctionAddress), ProbeCode.Exit()];
        ProgramLoader.Outcome outcome = ProgramLoader.Load(kernel, new ProgramCode("probe", BpfProgramType.KProbe, code)
        {
            License = "Dual BSD/GPL",
            Btf = btf,
            Functions = [new LinkedFunction(0, 4), new LinkedFunction(2, 6)],
        });
        return FeatureAttempt.Close(kernel, outcome.Result);
    }
}

/// <summary>
/// Determines whether the kernel's policy denies one program, or every program of its type for its target: if a program was rejected although no capability is missing, the smallest
/// program of the same type is loaded for the same target.
/// </summary>
internal static class SmallestProgram
{
    /// <summary>Returns the result as a sentence for the error message; null if there is no result, or a capability is missing.</summary>
    internal static string? Compare(IKernel kernel, ProgramCode code, ProgramLoader.Outcome refused)
    {
        if (refused.Result is not (-Errno.EPERM or -Errno.EACCES) || ProcessPrivileges.Read(kernel).Missing(code.Needs | Capabilities.Bpf, BpfCommand.ProgramLoad) != Capabilities.None)
        {
            return null;
        }

        string kind = code.SectionName.Length > 0 ? $"SEC(\"{code.SectionName}\")" : code.ExpectedAttachType == 0 ? $"{code.Type}" : $"{code.Type}, {code.ExpectedAttachType}";
        ProgramLoader.Outcome outcome = ProgramLoader.Load(kernel, code with
        {
            Name = "smallest",
            Instructions = [ProbeCode.Move(0, 0), ProbeCode.Exit()],
            Btf = null,
            FunctionModules = [],
            Functions = [],
            Lines = [],
            LogLevel = BpfVerifierLogLevel.None,
        });
        if (outcome.Result >= 0)
        {
            kernel.Close((int)outcome.Result);
            return $"The smallest program of this kind is accepted ({kind}), so only this program is rejected.";
        }

        return outcome.Result == refused.Result ? $"The kernel rejects the kind, not only this program: the smallest program of this kind is rejected too ({kind})." : null;
    }
}
