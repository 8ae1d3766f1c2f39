using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>A struct_ops whose types a module has: the kernel is given the module. No kernel that the tests run on has such a module.</summary>
public sealed unsafe class StructOpsModuleTests
{
    private const uint OfModule = 1 << 15, ByLink = 1 << 13;

    private readonly ScriptedKernel _kernel = new();
    private readonly List<MapCreateAttr> _maps = [];
    private readonly List<ProgramLoadAttr> _programs = [];
    private readonly List<byte[]> _values = [];
    private readonly FakeModule _module;
    private readonly int _tableId, _valueId;

    public StructOpsModuleTests()
    {
        var types = new BtfBuilder();
        int number = types.Int("unsigned int", 4);
        int integer = types.Int("int", 4, BtfIntEncoding.Signed);
        int function = types.Pointer(types.Prototype(integer, integer));

        // The struct itself is in the kernel's types too, as one its modules share; what wraps it is the module's alone.
        _tableId = types.Struct("hm_operations", 32, ("start", function, 0), ("owner", function, 64), ("stop", function, 128), ("flags", number, 192));
        _kernel.Files[KernelBtf.Path] = types.Build();
        var own = new BtfBuilder(types);
        _valueId = own.Struct("bpf_struct_ops_hm_operations", 64, ("common", number, 0), ("data", _tableId, 128));
        _module = new FakeModule(_kernel, "hm_module", own.Build());
        _kernel.OnBpf = (command, attributes) =>
        {
            Note(command, attributes);
            return _module.Answer(command, attributes);
        };
    }

    [Fact]
    public void The_map_and_its_programs_name_the_module()
    {
        using (BpfObject live = Load())
        {
            live.Attach();
            MapCreateAttr map = Assert.Single(_maps, static map => map.MapType == (uint)BpfMapType.StructOps && map.MapFlags != 0);
            Assert.Equal((OfModule | ByLink, (uint)_valueId, 64u, 4u, 1u), (map.MapFlags, map.BtfVmlinuxValueTypeId, map.ValueSize, map.KeySize, map.MaxEntries));
            Assert.Contains(map.ValueTypeBtfObjFd, _module.Descriptors);
            ProgramLoadAttr program = Assert.Single(_programs, static program => program.ProgType == (uint)BpfProgramType.StructOps);
            Assert.Equal(((uint)_tableId, 0u), (program.AttachBtfId, program.ExpectedAttachType));
            Assert.Contains((int)program.AttachBtfObjFd, _module.Descriptors);

            byte[] value = Assert.Single(_values);
            Assert.Equal(((BpfHandle)live.Programs[0].Handle).DangerousGetHandle(), (nint)BitConverter.ToInt64(value, 16));
            Assert.Equal(7u, BitConverter.ToUInt32(value, 40));
        }

        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Without_the_module_the_missing_type_is_named()
    {
        _kernel.OnBpf = null;

        string message = Assert.Throws<BpfFeatureNotSupportedException>(Load).Message;

        Assert.Contains("loaded module", message, StringComparison.Ordinal);
        Assert.Contains("struct bpf_struct_ops_hm_operations", message, StringComparison.Ordinal);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Where_modules_cannot_be_read_the_type_is_not_called_absent()
    {
        _kernel.Answer(BpfCommand.BtfGetNextId, -Errno.EPERM);
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000000000000000\n"u8.ToArray();

        Assert.Contains("CAP_SYS_ADMIN", Assert.Throws<BpfPermissionException>(Load).Message, StringComparison.Ordinal);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_struct_ops_of_the_kernel_itself_names_no_module()
    {
        var types = new BtfBuilder();
        int integer = types.Int("int", 4, BtfIntEncoding.Signed);
        int function = types.Pointer(types.Prototype(integer, integer));
        int table = types.Struct("hm_operations", 16, ("start", function, 0), ("flags", types.Int("unsigned int", 4), 64));
        types.Struct("bpf_struct_ops_hm_operations", 32, ("common", integer, 0), ("data", table, 64));
        _kernel.Files[KernelBtf.Path] = types.Build();

        using BpfObject live = Load();

        MapCreateAttr map = Assert.Single(_maps, static map => map.MapType == (uint)BpfMapType.StructOps && map.MapFlags != 0);
        Assert.Equal((ByLink, 0), (map.MapFlags, map.ValueTypeBtfObjFd));
        Assert.Equal(0u, Assert.Single(_programs, static program => program.ProgType == (uint)BpfProgramType.StructOps).AttachBtfObjFd);
        Assert.Empty(_module.Descriptors);
    }

    private BpfObject Load() => BpfObject.Load(BpfObjectSpec.Read(TestData.Bytes("operations.bpf.o"), "operations"), new BpfLoadOptions { Kernel = _kernel });

    private void Note(BpfCommand command, nint attributes)
    {
        switch (command)
        {
            case BpfCommand.MapCreate:
                _maps.Add(*(MapCreateAttr*)attributes);
                break;
            case BpfCommand.ProgramLoad:
                _programs.Add(*(ProgramLoadAttr*)attributes);
                break;
            case BpfCommand.MapUpdateElement:
                _values.Add(new ReadOnlySpan<byte>((void*)((MapElementAttr*)attributes)->Value, 64).ToArray());
                break;
        }
    }
}
