using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.KernelObjects;

/// <summary>Maps that outlive their object, and maps that were there before it.</summary>
public sealed class PinTests : MapsInUseTest
{
    [Fact]
    [Row("maps", "LIBBPF_PIN_BY_NAME (pinning = 1)")]
    public void A_map_pinned_by_name_is_found_again() => Sandbox.WithBpfFileSystem(root =>
    {
        using (BpfObject first = Load(root))
        {
            Assert.Equal(1, Program(first, "set_kept").Run(5));
            Assert.True(File.Exists(root + "/kept"));
        }

        using (BpfObject second = Load(root))
        {
            Assert.Equal(2, Program(second, "set_kept").Run(5));
            var map = new BpfHashMap<uint, ulong>(second.GetMap("kept"));
            Assert.Equal(2ul, map[5]);
            second.GetMap("kept").Unpin(root + "/kept");
            Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => second.GetMap("kept").Unpin(root + "/kept")).Errno);
        }

        using BpfObject third = Load(root);
        Assert.Equal(1, Program(third, "set_kept").Run(5));
    });

    [Fact]
    [Row("maps", "LIBBPF_PIN_BY_NAME (pinning = 1)")]
    public void A_pin_of_an_incompatible_map_is_rejected() => Sandbox.WithBpfFileSystem(root =>
    {
        using (BpfMapHandle other = MapCreator.Create(Kernel, new BpfMapDefinition("other", BpfMapType.Array, 4, 4, 3)))
        {
            other.Pin(root + "/kept");
        }

        var reason = Assert.Throws<BpfException>(() => Load(root));
        Assert.Contains("type Array instead of Hash, value size 4 instead of 8, max_entries 3 instead of 16", reason.Message, StringComparison.Ordinal);
        Assert.Contains(root + "/kept", reason.Message, StringComparison.Ordinal);
    });

    [Fact]
    [Row("maps", "LIBBPF_PIN_BY_NAME (pinning = 1)")]
    public void A_pin_of_a_program_is_not_a_map() => Sandbox.WithBpfFileSystem(root =>
    {
        using (BpfHandle program = Support.Load.Descriptor("p", BpfProgramType.SocketFilter, [Code.Move(0, 0), Code.Exit()]).Handle!)
        {
            Pin(program, root + "/kept");
        }

        Assert.Contains("is not a map", Assert.Throws<BpfException>(() => Load(root)).Message, StringComparison.Ordinal);
        Assert.Contains("is not a map", Assert.Throws<BpfException>(() => BpfMapHandle.OpenPinned(root + "/kept")).Message, StringComparison.Ordinal);
    });

    [Fact]
    [Row("maps", "LIBBPF_PIN_BY_NAME (pinning = 1)")]
    public void A_folder_outside_of_a_BPF_file_system_is_reported()
    {
        string directory = Directory.CreateTempSubdirectory("hmbpf-").FullName;
        try
        {
            var reason = Assert.Throws<BpfPermissionException>(() => Load(directory));
            Assert.Contains("is not in a BPF file system", reason.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory);
        }
    }

    [Fact]
    [Row("maps", "reuse fd / pinned map replacement")]
    public void A_map_opened_by_its_pin_replaces_one_of_an_object() => Sandbox.WithBpfFileSystem(root =>
    {
        using (BpfMapHandle made = MapCreator.Create(Kernel, new BpfMapDefinition("mine", BpfMapType.Hash, 4, 8, 99)))
        {
            made.Pin(root + "/deep/mine");
        }

        using BpfMapHandle opened = BpfMapHandle.OpenPinned(root + "/deep/mine");
        Assert.Equal(("mine", BpfMapType.Hash, 4, 8, 99u), (opened.Name, opened.Type, opened.KeySize, opened.ValueSize, opened.MaxEntries));
        var map = new BpfHashMap<uint, ulong>(opened);
        map[3] = 10;
        using (BpfObject live = Load(root, new() { ["kept"] = opened }))
        {
            Assert.Equal(11, Program(live, "set_kept").Run(3));
            Assert.Equal(opened.Id, live.GetMap("kept").Id);
        }

        Assert.Equal(11ul, map[3]);
        Assert.False(File.Exists(root + "/kept"));
    });

    private static BpfObject Load(string root, Dictionary<string, BpfMapHandle>? replaced = null)
        => Mapsinuse.Open().Load(new BpfLoadOptions { PinRoot = root, ReplacedMaps = replaced ?? [] }).Live;

    private static unsafe void Pin(BpfHandle handle, string path)
    {
        fixed (byte* name = System.Text.Encoding.UTF8.GetBytes(path + '\0'))
        {
            ObjectPinAttr attributes = default;
            attributes.Pathname = (ulong)name;
            attributes.BpfFd = (uint)handle.DangerousGetHandle();
            Assert.Equal(0, Kernel.Bpf(BpfCommand.ObjectPin, &attributes, (uint)sizeof(ObjectPinAttr)));
        }
    }
}
