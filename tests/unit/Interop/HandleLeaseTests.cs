using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Unit.Interop;

/// <summary>A descriptor in use stays open until each use has ended, however the use is copied.</summary>
public sealed class HandleLeaseTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void Descriptors_in_use_are_released_once()
    {
        var map = new BpfMapHandle(_kernel, new BpfMapDefinition("a", BpfMapType.Array, 4, 8, 4, BpfMapFlags.Mappable), _kernel.NewHandle(), "obj");
        HandleUse holder = map.Use();
        HandleUse use = map.Use();
        HandleUse copy = use;
        use.Dispose();
        copy.Dispose();
        var other = new SafeHandleUse(map.Handle);
        SafeHandleUse otherCopy = other;
        other.Dispose();
        otherCopy.Dispose();
        map.Dispose();
        Assert.Single(_kernel.OpenDescriptors);
        Assert.Equal(100, holder.Descriptor);
        holder.Dispose();
        holder.Dispose();
        Assert.Equal(0, _kernel.Mapped);
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(-1, default(HandleUse).Descriptor);
        default(HandleUse).Dispose();
    }
}
