namespace Hypermesh.Bpf.Tests.Kernel.Network;

/// <summary>Devices by name and by index.</summary>
public sealed class NetworkDeviceTests : KernelTest
{
    [Fact]
    public void A_missing_device_is_reported()
    {
        Assert.Contains("nosuchdev", Assert.Throws<BpfException>(() => NetworkDevice.FromName("nosuchdev")).Message, StringComparison.Ordinal);
        Assert.Throws<BpfException>(() => NetworkDevice.FromIndex(987654));
        Assert.Throws<BpfException>(() => NetworkDevice.FromIndex(0));
    }
}
