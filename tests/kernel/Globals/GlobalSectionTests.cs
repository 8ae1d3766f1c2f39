namespace Hypermesh.Bpf.Tests.Kernel.Globals;

/// <summary>Data sections as memory.</summary>
public sealed class GlobalSectionTests : KernelTest
{
    [Fact]
    public void Globals_are_memory_shared_with_the_map()
    {
        BpfMapHandle map = Create(BpfMapType.Array, 4, 100, 1, BpfMapFlags.Mappable);
        byte[] image = new byte[100];
        image[96] = 5;
        BpfGlobalSection.WriteImage(map, image);
        BpfGlobalSection section = BpfGlobalSection.Open(".data", map, isReadOnly: false, image);
        Assert.Equal(5u, section.Read<uint>(96));
        section.Write(8, 0x1122334455667788ul);
        Assert.Equal(0x1122334455667788ul, section.Read<ulong>(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => section.Read<uint>(97));
        Assert.Throws<ArgumentOutOfRangeException>(() => section.Write(-1, 1));
        map.Dispose();
        Assert.StartsWith("section .data", Assert.Throws<ObjectDisposedException>(() => section.Read<uint>(0)).ObjectName, StringComparison.Ordinal);
    }

    [Fact]
    public void Constants_are_frozen()
    {
        BpfMapHandle map = Create(BpfMapType.Array, 4, 16, 1, BpfMapFlags.ReadOnlyForPrograms | BpfMapFlags.Mappable);
        BpfGlobalSection.WriteImage(map, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        map.Freeze();
        BpfGlobalSection section = BpfGlobalSection.Open(".rodata", map, isReadOnly: true, new byte[16]);
        Assert.Equal(0x08070605u, section.Read<uint>(4));
        Assert.Contains("read-only", Assert.Throws<BpfException>(() => section.Write(0, 1)).Message, StringComparison.Ordinal);
        var error = Assert.Throws<BpfPermissionException>(() => BpfGlobalSection.WriteImage(map, new byte[16]));
        Assert.Equal(BpfRefusal.MapAccess, error.Refused);
        Assert.Contains("frozen", error.Message, StringComparison.Ordinal);
    }
}
