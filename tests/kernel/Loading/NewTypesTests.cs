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
}
