using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>An object with types this kernel may be too old for: it keeps its types, those it may keep as they are and others in place of the rest.</summary>
public sealed class NewTypesTests : KernelTest
{
    [Fact]
    [Row("sections", ".BTF, .BTF.ext")]
    [Row("externs", "BTF sanitization: DECL_TAG")]
    [Row("externs", "BTF sanitization: FLOAT")]
    [Row("externs", "BTF sanitization: TYPE_TAG")]
    [Row("externs", "BTF sanitization: signed ENUM")]
    [Row("externs", "BTF sanitization: ENUM64")]
    public void Maps_and_programs_keep_their_types_on_a_kernel_too_old_for_some()
    {
        Newtypes live = Own(Newtypes.Open().Load());

        RawMapInfo map = ObjectInfo.Map((BpfHandle)live.Live.GetMap("readings").Handle);
        RawProgramInfo program = ObjectInfo.Program(live.Programs.Tick.Descriptor.Handle!);

        Assert.NotEqual(0u, map.BtfId);
        Assert.NotEqual(0u, map.BtfValueTypeId);
        Assert.Equal(map.BtfId, program.BtfId);
        Assert.Equal(2u, program.NrFuncInfo);
        Assert.True(program.NrLineInfo > 0);
    }

    [Theory]
    [InlineData(BpfFeature.BtfFloat, 5, 13)]
    [InlineData(BpfFeature.BtfDeclarationTags, 5, 16)]
    [InlineData(BpfFeature.BtfTypeTags, 5, 17)]
    [InlineData(BpfFeature.BtfEnum64, 6, 0)]
    [InlineData(BpfFeature.BtfQuestionMarkSections, 6, 9)]
    [InlineData(BpfFeature.BtfGlobalFunctions, 5, 6)]
    [InlineData(BpfFeature.BtfDataSections, 5, 2)]
    [InlineData(BpfFeature.BtfFunctions, 5, 0)]
    public void Kinds_of_types_are_found_where_the_kernel_has_them(BpfFeature feature, int major, int minor)
    {
        bool expected = Environment.OSVersion.Version >= new Version(major, minor);
        Assert.Equal(expected ? BpfFeatureState.Supported : BpfFeatureState.Absent, BpfFeatures.Current.Check(feature).State);
    }
}
