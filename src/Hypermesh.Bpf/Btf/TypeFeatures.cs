using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>Tests for features of BTF: each loads the smallest blob that needs the feature.</summary>
internal static class TypeFeatures
{
    private const uint KindFlag = 1u << 31;
    private const uint WholeDeclaration = uint.MaxValue;

    internal static FeatureProbe KernelBtf { get; } = new(BpfFeature.KernelBtf, OpenTypes);

    internal static FeatureProbe Btf { get; } = new(BpfFeature.Btf, static kernel => Load(kernel, ProbeTypes.OneInteger()));

    internal static FeatureProbe Functions { get; } = new(BpfFeature.BtfFunctions, static kernel => Load(kernel, Function(linkage: 0)));

    internal static FeatureProbe GlobalFunctions { get; } = new(BpfFeature.BtfGlobalFunctions, static kernel => Load(kernel, Function(linkage: 1)));

    internal static FeatureProbe DataSections { get; } = new(BpfFeature.BtfDataSections, static kernel => Load(kernel, DataSection(".data")));

    internal static FeatureProbe QuestionMarkSections { get; } = new(BpfFeature.BtfQuestionMarkSections, static kernel => Load(kernel, DataSection("?.data")));

    internal static FeatureProbe Floats { get; } = new(BpfFeature.BtfFloat, static kernel => Load(kernel, new ProbeTypes().Add(BtfKind.Float, "float", 0, 4).Build()));

    internal static FeatureProbe DeclarationTags { get; } = new(BpfFeature.BtfDeclarationTags, static kernel => Load(kernel, Variable().Add(BtfKind.DeclarationTag, "tag", 0, 2, WholeDeclaration).Build()));

    internal static FeatureProbe TypeTags { get; } = new(BpfFeature.BtfTypeTags, static kernel => Load(kernel, ProbeTypes.WithInteger().Add(BtfKind.TypeTag, "tag", 0, 1).Add(BtfKind.Pointer, "", 0, 2).Build()));

    internal static FeatureProbe Enum64 { get; } = new(BpfFeature.BtfEnum64, static kernel => Load(kernel, new ProbeTypes().Add(BtfKind.Enum64, "e", 1 | KindFlag, 8, ProbeTypes.Name("v"), 0, 0).Build()));

    internal static IEnumerable<FeatureProbe> All =>
        [KernelBtf, Btf, Functions, GlobalFunctions, DataSections, QuestionMarkSections, Floats, DeclarationTags, TypeTags, Enum64];

    // A container may hide the file by binding an empty one over it.
    private static long OpenTypes(IKernel kernel)
    {
        long file = kernel.Open(Hypermesh.Bpf.KernelBtf.Path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        bool isEmpty = file >= 0 && kernel.FileSize((int)file) == 0;
        long opened = FeatureAttempt.Close(kernel, file);
        return isEmpty ? -Errno.ENOENT : opened;
    }

    private static long Load(IKernel kernel, byte[] btf) => FeatureAttempt.Close(kernel, BtfCalls.TryLoad(kernel, btf));

    // void x(int a)
    private static byte[] Function(uint linkage)
        => ProbeTypes.WithInteger()
            .Add(BtfKind.FunctionPrototype, "", 1, 0, ProbeTypes.Name("a"), 1)
            .Add(BtfKind.Function, "x", linkage, 2)
            .Build();

    private static ProbeTypes Variable() => ProbeTypes.WithInteger().Add(BtfKind.Variable, "x", 0, 1, 0);

    private static byte[] DataSection(string name) => Variable().Add(BtfKind.DataSection, name, 1, 4, 2, 0, 4).Build();
}
