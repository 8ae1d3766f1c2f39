using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Btf;

/// <summary>BTF by ID: of an object, of a module, and of what is gone.</summary>
public sealed unsafe class LoadedBtfTests
{
    private const uint Vmlinux = 1;
    private const uint Module = 4;
    private const uint Owned = 9;

    private readonly ScriptedKernel _kernel = new();
    private readonly Dictionary<uint, (string Name, byte[] Types)> _all;
    private readonly Dictionary<uint, uint> _opened = [];
    private bool _hasNames = true;

    public LoadedBtfTests()
    {
        var kernel = new BtfBuilder();
        int number = kernel.Int("int", 4, BtfIntEncoding.Signed);
        var module = new BtfBuilder(kernel);
        module.Struct("holder", 4, ("value", number, 0));
        var own = new BtfBuilder();
        own.Int("long", 8, BtfIntEncoding.Signed);
        _all = new() { [Vmlinux] = ("vmlinux", kernel.Build()), [Module] = ("hm_module", module.Build()), [Owned] = ("", own.Build()) };
        _kernel.OnBpf = Answer;
    }

    [Fact]
    public void Types_of_a_module_extend_those_of_the_kernel()
    {
        BtfTypes types = LoadedBtf.ReadTypes(_kernel, Module);

        BtfType holder = types[types.Find("holder", BtfKind.Struct)];
        Assert.Equal(("hm_module", 2, "int"), (types.Source, types.FirstId, types[holder.Member(0).TypeId].Name));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Modules_are_distinguished_from_the_kernel_and_from_objects()
    {
        using (ModuleTypes modules = ModuleTypes.Load(_kernel, LoadedBtf.ReadTypes(_kernel, Vmlinux)))
        {
            Assert.Equal("hm_module", Assert.Single(modules.All).Name);
            Assert.Single(_kernel.OpenDescriptors);
        }

        Assert.Equal("BTF 9", LoadedBtf.ReadTypes(_kernel, Owned).Source);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Where_the_kernel_reports_no_names_BTF_has_none()
    {
        _hasNames = false;

        using LoadedBtf module = LoadedBtf.Open(_kernel, Module);

        Assert.Equal(("", Module), (module.Name, module.Id));
    }

    [Fact]
    public void BTF_that_is_gone_is_named_with_its_program()
    {
        BpfSyscallException gone = Assert.Throws<BpfSyscallException>(() => LoadedBtf.Open(_kernel, 3, "object", "program"));

        Assert.Equal(("There is no BTF 3 of program program.", Errno.ENOENT, "object"), (gone.Message, gone.Errno, gone.ObjectName));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private long? Answer(BpfCommand command, nint attributes)
    {
        var ids = (ObjectIdAttr*)attributes;
        switch (command)
        {
            case BpfCommand.BtfGetNextId:
                uint next = _all.Keys.Where(id => id > ids->StartId).DefaultIfEmpty().Min();
                ids->NextId = next;
                return next == 0 ? -Errno.ENOENT : 0;
            case BpfCommand.BtfGetDescriptorById:
                if (!_all.ContainsKey(ids->BtfId))
                {
                    return -Errno.ENOENT;
                }

                long descriptor = _kernel.NewDescriptor();
                _opened[(uint)descriptor] = ids->BtfId;
                return descriptor;
            case BpfCommand.ObjectGetInfoByDescriptor:
                var request = (ObjectInfoAttr*)attributes;
                return Describe(_opened[request->BpfFd], (RawBtfInfo*)request->Info);
            default:
                return null;
        }
    }

    private long Describe(uint id, RawBtfInfo* info)
    {
        (string name, byte[] types) = _all[id];
        if (info->NameLen != 0 && !_hasNames)
        {
            return -Errno.E2BIG;
        }

        if (info->NameLen != 0)
        {
            Encoding.UTF8.GetBytes(name + '\0').CopyTo(new Span<byte>((void*)info->Name, (int)info->NameLen));
        }

        if (info->Btf != 0)
        {
            types.CopyTo(new Span<byte>((void*)info->Btf, (int)info->BtfSize));
        }

        info->BtfSize = (uint)types.Length;
        info->Id = id;
        info->KernelBtf = _hasNames && name.Length > 0 ? 1u : 0;
        return 0;
    }
}
