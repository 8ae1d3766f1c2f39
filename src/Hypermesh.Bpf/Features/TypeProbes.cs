using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf;

/// <summary>Features of types (BTF): the smallest blob that needs each.</summary>
internal static class TypeProbes
{
    private const uint KindFlag = 1u << 31;
    private const uint WholeDeclaration = uint.MaxValue;

    internal static Dictionary<BpfFeature, Func<IKernel, long>> All { get; } = new()
    {
        [BpfFeature.KernelBtf] = static kernel => FeatureProbes.Close(kernel, kernel.Open(KernelBtf.Path, FileFlags.ReadOnly | FileFlags.CloseOnExec)),
        [BpfFeature.Btf] = static kernel => Load(kernel, ProbeTypes.OneInteger()),
        [BpfFeature.BtfFunctions] = static kernel => Load(kernel, Function(linkage: 0)),
        [BpfFeature.BtfGlobalFunctions] = static kernel => Load(kernel, Function(linkage: 1)),
        [BpfFeature.BtfDataSections] = static kernel => Load(kernel, DataSection(".data")),
        [BpfFeature.BtfQuestionMarkSections] = static kernel => Load(kernel, DataSection("?.data")),
        [BpfFeature.BtfFloat] = static kernel => Load(kernel, new ProbeTypes().Add(BtfKind.Float, "float", 0, 4).Build()),
        [BpfFeature.BtfDeclarationTags] = static kernel => Load(kernel, Variable().Add(BtfKind.DeclarationTag, "tag", 0, 2, WholeDeclaration).Build()),
        [BpfFeature.BtfTypeTags] = static kernel => Load(kernel, ProbeTypes.WithInteger().Add(BtfKind.TypeTag, "tag", 0, 1).Add(BtfKind.Pointer, "", 0, 2).Build()),
        [BpfFeature.BtfEnum64] = static kernel => Load(kernel, new ProbeTypes().Add(BtfKind.Enum64, "e", 1 | KindFlag, 8, ProbeTypes.Name("v"), 0, 0).Build()),
    };

    private static long Load(IKernel kernel, byte[] btf) => FeatureProbes.Close(kernel, BtfCalls.TryLoad(kernel, btf));

    // void x(int a)
    private static byte[] Function(uint linkage)
        => ProbeTypes.WithInteger()
            .Add(BtfKind.FunctionPrototype, "", 1, 0, ProbeTypes.Name("a"), 1)
            .Add(BtfKind.Function, "x", linkage, 2)
            .Build();

    private static ProbeTypes Variable() => ProbeTypes.WithInteger().Add(BtfKind.Variable, "x", 0, 1, 0);

    private static byte[] DataSection(string name) => Variable().Add(BtfKind.DataSection, name, 1, 4, 2, 0, 4).Build();
}
