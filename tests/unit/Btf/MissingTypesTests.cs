using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.Btf;

/// <summary>A kernel without types, and one whose types are out of sight.</summary>
public sealed class MissingTypesTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_kernel_without_types_is_reported()
    {
        var error = Assert.Throws<BpfFeatureNotSupportedException>(() => KernelBtf.Acquire(_kernel));
        Assert.Contains("CONFIG_DEBUG_INFO_BTF", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A container hides the file: an empty file system is mounted over its folder, or /dev/null over the file.</summary>
    [Theory]
    [InlineData("empty", "empty")]
    [InlineData("config", "hidden")]
    [InlineData("id", "hidden")]
    public void A_kernel_whose_types_are_hidden_is_not_reported_as_lacking_them(string fact, string expected)
    {
        switch (fact)
        {
            case "empty":
                _kernel.Files[KernelBtf.Path] = [];
                break;
            case "config":
                _kernel.Files["/proc/config.gz"] = "# Linux\nCONFIG_DEBUG_INFO_BTF=y\n"u8.ToArray();
                break;
            default:
                _kernel.OnBpf = HasTypes;
                break;
        }

        var error = Assert.Throws<BpfFeatureNotSupportedException>(() => KernelBtf.Acquire(_kernel));

        Assert.Contains($"it needs /sys/kernel/btf/vmlinux, which this kernel has and which is {expected} here, as under a container's mount: mount sysfs", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("CONFIG_DEBUG_INFO_BTF", error.Message, StringComparison.Ordinal);
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(BpfFeatureState.Absent, TypeFeatures.KernelBtf.Check(_kernel).State);

        unsafe long? HasTypes(BpfCommand command, nint attributes)
        {
            switch (command)
            {
                case BpfCommand.BtfGetNextId:
                    ((ObjectIdAttr*)attributes)->NextId = 1;
                    return 0;
                case BpfCommand.BtfGetDescriptorById:
                    return _kernel.NewDescriptor();
                case BpfCommand.ObjectGetInfoByDescriptor:
                    ((RawBtfInfo*)((ObjectInfoAttr*)attributes)->Info)->KernelBtf = 1;
                    return 0;
                default:
                    return null;
            }
        }
    }
}
