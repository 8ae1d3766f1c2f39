using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf;

/// <summary>Files that may hold types: an object, a kernel, or what was named by mistake.</summary>
public sealed class BtfFileTests
{
    [Theory]
    [InlineData("#ifndef __VMLINUX_H__\n", "this is C source, neither BTF as in /sys/kernel/btf nor an ELF file with a section .BTF")]
    [InlineData("\n\n// SPDX-License-Identifier: GPL-2.0\n", "this is C source, neither BTF")]
    [InlineData("a letter", "this is text, neither BTF")]
    [InlineData("MZ\u0001\u0002", "this is a .NET assembly or a Windows program, neither BTF")]
    [InlineData("", "this is an empty file, neither BTF")]
    [InlineData("\u0001\u0002\u0003\u0004", ": this is neither BTF")]
    public void A_file_without_types_is_reported_as_what_it_is(string contents, string says)
    {
        byte[] file = System.Text.Encoding.UTF8.GetBytes(contents);

        string message = Assert.Throws<BpfObjectFormatException>(() => BtfTypes.ReadFile(file, "named")).Message;

        Assert.StartsWith("named: ", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("magic", message + Assert.Throws<BpfObjectFormatException>(() => BtfTypes.Read(file, "named")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_any_kind_may_hold_types()
    {
        byte[] file = TestData.Bytes("externs.bpf.o");
        BtfTypes inFile = BtfTypes.ReadFile(file, "vmlinux");

        Assert.Equal(TestData.Btf(TestData.Elf("externs.bpf.o")).Count, inFile.Count);
        Assert.Throws<BpfObjectFormatException>(() => BtfTypes.ReadFile(file.AsMemory(0, file.Length / 2), "cut"));
    }
}
