using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;

namespace Hypermesh.Bpf.Tests.Kernel.Btf;

/// <summary>The kernel's types from elsewhere than the kernel, and written as C.</summary>
public sealed class KernelTypeFileTests : KernelTest
{
    [Fact]
    [Row("externs", "BTF from /sys/kernel/btf/vmlinux, else a vmlinux ELF in the 7 well-known places")]
    public void Where_the_kernel_gives_none_an_installed_vmlinux_has_them()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/objcopy"), "needs objcopy, to make a vmlinux");
        string folder = Directory.CreateTempSubdirectory("hypermesh-vmlinux").FullName;
        try
        {
            Sandbox.WithPins(() =>
            {
                // The first in order has no types: it was stripped of them.
                Sandbox.Shell($"""
                    set -e; release=$(uname -r); cat {KernelBtf.Path} > {folder}/types
                    objcopy --add-section .BTF={folder}/types /bin/true {folder}/vmlinux-$release 2> /dev/null
                    mount -t tmpfs tmpfs /boot; cp /bin/true /boot/vmlinux-$release
                    mkdir -p /usr/lib/debug; mount -t tmpfs tmpfs /usr/lib/debug
                    mkdir /usr/lib/debug/boot; cp {folder}/vmlinux-$release /usr/lib/debug/boot/
                    """);
                int expected;
                using (KernelBtf own = KernelBtf.Acquire())
                {
                    expected = own.Types.Count;
                }

                Sandbox.Shell("mount -t tmpfs tmpfs /sys/kernel/btf");
                (KernelImage image, BtfTypes types) = KernelTypeFiles.Open(Kernel);
                using (image)
                {
                    Assert.StartsWith("/usr/lib/debug/boot/vmlinux-", types.Source, StringComparison.Ordinal);
                    Assert.Equal(expected, types.Count);
                }

                // A whole load goes by it: the relocations, and the target of a tracepoint with types.
                using Contexts live = Contexts.Open().Load();
                Assert.NotEmpty(live.Live.Programs);

                Sandbox.Shell("umount /usr/lib/debug");
                Assert.Contains("/usr/lib/debug/boot/vmlinux-", Assert.Throws<BpfFeatureNotSupportedException>(() => KernelTypeFiles.Open(Kernel)).Message, StringComparison.Ordinal);
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    [Row("runtime", "dump BTF as C / as language types")]
    public void Types_of_a_loaded_object_are_written_as_its_C()
    {
        Needs(BpfFeature.SyscallProgram);
        Parts live = Own(Parts.Open().Load());
        BtfTypes types = BpfBtfInfo.ReadTypes(live.Programs.Add.GetInfo().BtfId);
        using var text = new StringWriter();

        new BtfCWriter(types, text).Write(types.Find("run", BtfKind.Struct));

        Assert.Contains("struct run {\n\t__u32 input;\n\t__u32 result;\n}", text.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    [Row("runtime", "dump BTF as C / as language types")]
    public void Types_of_this_kernel_are_written_with_all_they_need()
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        using var text = new StringWriter();
        var writer = new BtfCWriter(kernel.Types, text);

        writer.Write(kernel.Types.Find("sock_common", BtfKind.Struct));
        writer.Write(kernel.Types.Find("bpf_map_type", BtfKind.Enum));

        Assert.All(["struct sock_common {", "enum bpf_map_type {", "typedef unsigned int __u32;", "struct hlist_node {"], part => Assert.Contains(part, text.ToString(), StringComparison.Ordinal));
    }
}
