using Hypermesh.Bpf.Objects.BtfSanitizing;

namespace Hypermesh.Bpf.Tests.Unit.Objects.BtfSanitizing;

/// <summary>Names of data sections, cut to what the kernel takes.</summary>
public sealed class KernelNameTests
{
    [Theory]
    [InlineData("exec", ".rodata", "exec.rodata")]
    [InlineData("a_long_object", ".rodata", "a_long_o.rodata")]
    [InlineData("a_long_object", ".bss", "a_long_o.bss")]
    [InlineData("x", ".data.a_very_long_section", ".data.a_very_lo")]
    [InlineData("object", ".data.own", ".data.own")]
    [InlineData("my-object", ".kconfig", "my_obje.kconfig")]
    public void Shortened_names_keep_the_section_readable(string name, string section, string expected)
        => Assert.Equal(expected, KernelName.OfSection(name, section));
}
