using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Spec;

/// <summary>What an object declares extern, as the spec shows it and as the kernel gets its types.</summary>
public sealed class ExternTests
{
    private readonly BpfObjectSpec _spec = BpfObjectSpec.Read(TestData.Bytes("externs.bpf.o"), "externs");

    [Fact]
    public void OptionsStandAsLibbpfPutsThem()
        => Assert.Equal(
            [
                "CONFIG_LONG 0 8 Integer", "CONFIG_TRI 8 4 Tristate", "CONFIG_WEAK 12 4 Integer", "CONFIG_WORD 16 4 Integer", "LINUX_KERNEL_VERSION 20 4 Integer",
                "CONFIG_SHORT 24 2 Integer", "CONFIG_BOOL 26 1 Boolean", "CONFIG_LETTER 27 1 Character", "CONFIG_TEXT 28 5 Text",
            ],
            _spec.Externs.Where(static e => e.Config is not null).Select(static e => $"{e.Name} {e.Config!.Offset} {e.Config.Size} {e.Config.Type}"));

    [Fact]
    public void SymbolsFollowByName()
        => Assert.Equal(
            ["function___flavour Function function", "untyped Address untyped", "variable Variable variable"],
            _spec.Externs.Where(static e => e.Config is null).Select(static e => $"{e.Name} {e.Kind} {e.KernelName}"));

    [Fact]
    public void TheSectionEndsWithItsLastOption() => Assert.Equal(33, _spec.KernelConfig!.Size);

    [Fact]
    public void TheKernelGetsVariablesOfAMapAndNoSectionWithFunctions()
    {
        BtfTypes types = BtfTypes.Read(LoadableBtf.Create(_spec)!, "loadable");

        BtfType config = types[types.Find(".kconfig", BtfKind.DataSection)];
        Assert.Equal(33u, config.Size);
        uint end = 0;
        for (int i = 0; i < config.Length; i++)
        {
            BtfSectionVariable entry = config.SectionVariable(i);
            Assert.True(entry.Offset >= end, $"entry {i} at {entry.Offset}");
            Assert.Equal(1, types[entry.TypeId].Linkage);
            end = entry.Offset + entry.Size;
        }

        Assert.Equal(0, types.Find(".ksyms", BtfKind.DataSection));
        BtfType function = types[types.Find("function___flavour", BtfKind.Function)];
        Assert.Equal(1, function.Linkage);
        Assert.NotEqual(0u, types[function.TypeId].Parameter(1).NameOffset);
        Assert.Equal(1, types[types.Find("untyped", BtfKind.Variable)].Linkage);
        Assert.Equal(BtfKind.Int, types[types[types.Find("variable", BtfKind.Variable)].TypeId].Kind);
    }

    [Fact]
    public void ReferencesNameTheirExtern()
    {
        LinkedProgram linked = new ProgramLinker(_spec, []).Link(_spec.Program("read"));

        Assert.Equal(
            ["function___flavour KernelFunction", "function___flavour KernelSymbol", "untyped KernelSymbol", "variable KernelSymbol"],
            linked.References.Where(static r => r.Extern is not null).Select(static r => $"{r.Extern!.Name} {r.Kind}").Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(9, linked.References.Count(r => ReferenceEquals(r.Section, _spec.KernelConfig)));
    }

    [Fact]
    public void WhatAnotherObjectDefinesIsToldTogetherWithTheWaysToDefineIt()
    {
        BpfObjectFormatException refused = Assert.Throws<BpfObjectFormatException>(static () => BpfObjectSpec.Read(TestData.Bytes("link-first.bpf.o"), "first"));

        Assert.Equal(["add_in_second function", "defined_in_second variable"], refused.Undefined.Select(static one => $"{one.Name} {one.Kind}").Order(StringComparer.Ordinal));
        Assert.StartsWith("first: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(" are declared extern and not defined in this object, and an object is loaded alone. Define them in its C", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'hmbpf gen object OUT FILE...'", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ReplacedMaps", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMapThatAnotherObjectDefinesCanBeShared()
    {
        BpfObjectFormatException refused = Assert.Throws<BpfObjectFormatException>(static () => BpfObjectSpec.Read(TestData.Bytes("link-clash-map.bpf.o"), "other"));

        Assert.Contains("map 'shared_map' is declared extern and not defined in this object", refused.Message, StringComparison.Ordinal);
        Assert.Contains("share it with ReplacedMaps or by pinning", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("#ifndef __VMLINUX_H__\n", "this is C source, neither BTF as in /sys/kernel/btf nor an ELF file with a section .BTF")]
    [InlineData("\n\n// SPDX-License-Identifier: GPL-2.0\n", "this is C source, neither BTF")]
    [InlineData("a letter", "this is text, neither BTF")]
    [InlineData("MZ\u0001\u0002", "this is a .NET assembly or a Windows program, neither BTF")]
    [InlineData("", "this is an empty file, neither BTF")]
    [InlineData("\u0001\u0002\u0003\u0004", ": this is neither BTF")]
    public void AFileThatHoldsNoTypesIsToldForWhatItIs(string contents, string says)
    {
        byte[] file = System.Text.Encoding.UTF8.GetBytes(contents);

        string message = Assert.Throws<BpfObjectFormatException>(() => BtfTypes.ReadFile(file, "named")).Message;

        Assert.StartsWith("named: ", message, StringComparison.Ordinal);
        Assert.Contains(says, message, StringComparison.Ordinal);
        Assert.DoesNotContain("magic", message + Assert.Throws<BpfObjectFormatException>(() => BtfTypes.Read(file, "named")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileOfAnyKindMayHoldTypes()
    {
        byte[] file = TestData.Bytes("externs.bpf.o");
        BtfTypes inFile = BtfTypes.ReadFile(file, "vmlinux");

        Assert.Equal(_spec.Btf!.Count, inFile.Count);
        Assert.Throws<BpfObjectFormatException>(() => BtfTypes.ReadFile(file.AsMemory(0, file.Length / 2), "cut"));
    }
}
