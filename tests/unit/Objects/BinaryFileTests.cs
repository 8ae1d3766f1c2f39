using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Binaries;
using Hypermesh.Bpf.Objects.Usdt;

namespace Hypermesh.Bpf.Tests.Unit.Objects;

/// <summary>Programs and libraries on disk, whole and damaged.</summary>
public sealed class BinaryFileTests
{
    private static readonly byte[] s_program = File.ReadAllBytes(Environment.ProcessPath!);

    [Fact]
    public void SegmentsAndFunctionsAreFound()
    {
        BinaryFile file = Read(s_program);

        Assert.Contains(file.Segments, static segment => segment.IsExecutable);
        Assert.NotNull(file.Find(BinarySection.DynamicSymbols));
        Assert.Null(BinarySymbols.Find(file, "no_such_function_in_any_program"));
    }

    [Fact]
    public void WhatIsNoProgramIsTold()
    {
        Assert.Contains("no ELF file", Assert.Throws<BpfObjectFormatException>(() => Read([1, 2, 3])).Message, StringComparison.Ordinal);
        Assert.Contains("neither a program", Assert.Throws<BpfObjectFormatException>(() => Read(TestData.Bytes("small.bpf.o").ToArray())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedOnesEndInOneException()
    {
        var random = new Random(20261123);
        byte[] image = [.. s_program];
        long table = BitConverter.ToInt64(image, 40);
        for (int round = 0; round < 3_000; round++)
        {
            byte[] damaged = [.. image];
            for (int i = 0; i < 3; i++)
            {
                // The header, the program headers, and the section headers, which lie at the end.
                int at = random.Next(3) switch { 0 => random.Next(64), 1 => 64 + random.Next(600), _ => (int)table + random.Next(image.Length - (int)table) };
                damaged[at] = (byte)random.Next(256);
            }

            try
            {
                BinaryFile file = Read(damaged);
                BinarySymbols.Find(file, "main");
                BinarySymbols.Matching(file, "a*b");
                _ = new SymbolVersions(file);
                UsdtNotes.Find(file, "a", "b");
            }
            catch (BpfException)
            {
                // Said.
            }
        }
    }

    private static BinaryFile Read(byte[] image) => BinaryFile.Read((offset, length) => image.AsMemory((int)offset, length), 0, image.Length, "program");
}
