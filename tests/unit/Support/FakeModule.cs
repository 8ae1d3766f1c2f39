using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.Support;

/// <summary>A scripted kernel's one module, with types of its own.</summary>
internal sealed unsafe class FakeModule(ScriptedKernel kernel, string name, byte[] types)
{
    private const uint Number = 5;

    /// <summary>The descriptors its types were opened by.</summary>
    internal HashSet<int> Descriptors { get; } = [];

    /// <summary>Lists it, opens it, and says what it is; null for what is not about it.</summary>
    internal long? Answer(BpfCommand command, nint attributes)
    {
        var ids = (ObjectIdAttr*)attributes;
        switch (command)
        {
            case BpfCommand.BtfGetNextId when ids->StartId < Number:
                ids->NextId = Number;
                return 0;
            case BpfCommand.BtfGetNextId:
                return -Errno.ENOENT;
            case BpfCommand.BtfGetDescriptorById:
                long opened = kernel.Duplicate(0);
                Descriptors.Add((int)opened);
                return opened;
            case BpfCommand.ObjectGetInfoByDescriptor when Descriptors.Contains((int)((ObjectInfoAttr*)attributes)->BpfFd):
                Describe((RawBtfInfo*)((ObjectInfoAttr*)attributes)->Info);
                return 0;
            default:
                return null;
        }
    }

    private void Describe(RawBtfInfo* info)
    {
        if (info->Btf != 0)
        {
            types.CopyTo(new Span<byte>((void*)info->Btf, (int)info->BtfSize));
        }

        if (info->NameLen != 0)
        {
            Encoding.UTF8.GetBytes(name + '\0').CopyTo(new Span<byte>((void*)info->Name, (int)info->NameLen));
        }

        info->BtfSize = (uint)types.Length;
        info->Id = Number;
        info->KernelBtf = 1;
    }
}
