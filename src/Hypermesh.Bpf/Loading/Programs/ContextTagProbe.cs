using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf;

/// <summary>Loads a program with a global function whose parameter only the tag says to be the context, and that calls a helper with it.</summary>
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
