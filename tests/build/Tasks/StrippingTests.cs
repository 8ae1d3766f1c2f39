using System.Diagnostics;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks;

/// <summary>A stripped object is the object without its debug information, and all that refers to something still refers to it.</summary>
public sealed class StrippingTests(PackedFeed feed)
{
    [Theory]
    [InlineData("bpfel")]
    [InlineData("bpfeb")]
    public void Debug_information_is_removed_and_everything_else_means_the_same(string target)
    {
        byte[] raw = Compile(target);
        ElfObject before = ElfObject.Read(raw, "raw.o");
        byte[] stripped = ElfStripper.Strip(raw, "raw.o");
        ElfObject after = ElfObject.Read(stripped, "stripped.o");

        Assert.Contains(before.Sections, section => section.Name.StartsWith(".debug_", StringComparison.Ordinal));
        Assert.DoesNotContain(after.Sections, section => section.Name.Contains("debug_", StringComparison.Ordinal));
        Assert.True(stripped.Length < raw.Length * 3 / 4);
        foreach (ElfSection section in after.Sections.Where(section => section.Type is ElfSectionType.Contents or ElfSectionType.NoBits))
        {
            ElfSection original = before.FindSection(section.Name)!;
            Assert.Equal(original.Data.ToArray(), section.Data.ToArray());
            Assert.Equal((original.Flags, original.Size, original.Alignment), (section.Flags, section.Size, section.Alignment));
            Assert.Equal(Meaning(before, original), Meaning(after, section));
        }

        Assert.Equal(Symbols(before).Where(symbol => !symbol.Contains(".debug_", StringComparison.Ordinal)), Symbols(after));
        Assert.Equal(stripped, ElfStripper.Strip(stripped, "stripped.o"));
    }

    private static IEnumerable<string> Meaning(ElfObject elf, ElfSection section)
        => elf.RelocationsOf(section).Select(relocation => $"{relocation.Offset} {relocation.Type} {Describe(elf, elf.Symbols[relocation.SymbolIndex])}");

    private static IEnumerable<string> Symbols(ElfObject elf)
        => elf.Symbols.Select(symbol => Describe(elf, symbol));

    private static string Describe(ElfObject elf, ElfSymbol symbol)
        => $"{symbol.Name} {symbol.Type} {symbol.Binding} {symbol.Visibility} "
            + $"{(symbol.SectionIndex < elf.Sections.Count ? elf.Sections[symbol.SectionIndex].Name : symbol.SectionIndex)} {symbol.Value} {symbol.Size}";

    private byte[] Compile(string target)
    {
        using TemporaryFolder folder = new();
        string source = Path.Combine(folder.Path, "globals.bpf.c");
        string output = Path.Combine(folder.Path, "globals.o");
        File.WriteAllText(
            source,
            """
            const volatile unsigned threshold = 5;
            static int counts[16];
            struct event { int pid; char comm[16]; } last;

            __attribute__((noinline)) static int inside(int x) { return counts[x & 15]++; }
            __attribute__((section("socket"), used)) int first(struct event *e) { last = *e; return inside(e->pid) > threshold; }
            __attribute__((section("license"), used)) char terms[] = "Dual BSD/GPL";
            """);
        using Process clang = Process.Start(feed.Clang, ["-target", target, "-mcpu=v3", "-O2", "-g", "-c", source, "-o", output]);
        clang.WaitForExit();
        Assert.Equal(0, clang.ExitCode);
        return File.ReadAllBytes(output);
    }
}
