using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Tool.Llvm;

namespace Hypermesh.Bpf.Tests.Tool.Llvm;

/// <summary>Our readers of objects and instructions against LLVM's, of whatever version this machine has.</summary>
public sealed class LlvmTests
{
    // From the verifier's words, which are ours, to those of assembly files.
    private static readonly (Regex Ours, string Theirs)[] s_words =
    [
        (new Regex(@"^call pc\+?(-?\d+)$"), "call $1"),
        (new Regex(@"^call .*#(-?\d+)$"), "call $1"),
        (new Regex(@"\bpc([+-]\d+)$"), "$1"),
        (new Regex(@"\(r(\d+) ([+-])(\d+)\)"), "(r$1 $2 $3)"),
        (new Regex("atomic64_fetch"), "atomic_fetch"),
        (new Regex(@"= atomic64_(xchg|cmpxchg)\(\(u64 \*\)\((r\d+ [+-] \d+)\), "), "= ${1}_64($2, "),
        (new Regex(@"= atomic_(xchg|cmpxchg)\(\(u32 \*\)\((r\d+ [+-] \d+)\), "), "= ${1}32_32($2, "),
        (new Regex(@"= map\[id:(\d+)\]$"), "= map $1"),
        // LLVM keeps the constant for itself.
        (new Regex(@"skb\[(r\d+) \+ -?\d+\]$"), "skb[$1]"),
        (new Regex(@"= subprog\[\+?(-?\d+)\]$"), "= subprog $1"),
    ];

    private const byte CallByRegister = 0x8d;
    private const byte MayGoto = 0xe5;
    private const int ModeMask = 0xe0;
    private const int ModeAtomic = 0xc0;

    private static readonly HashSet<int> s_atomics = [0x00, 0x01, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe1, 0xf1, 0x100, 0x110];
    private const string Invalid = "invalid instruction";

    private static readonly Regex s_number = new(@"[+-]?0x[0-9a-f]+|[+-]?\d+");
    private static readonly Regex s_hexadecimal = new("0x([0-9a-f]+)");
    private static readonly Regex s_narrow = new(@"\bw(\d+)\b");

    public static TheoryData<string> Objects
        => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "testdata"), "*.o").Select(static path => Path.GetFileName(path)).Where(static name => !name.Contains("-be.", StringComparison.Ordinal)).Order()];

    [Theory]
    [MemberData(nameof(Objects))]
    public void Sections_symbols_and_relocations_are_those_of_LLVM(string name)
    {
        byte[] image = File.ReadAllBytes(Hmbpf.TestData(name));
        ElfObject ours = ElfObject.Read(image, name);
        (IReadOnlyList<LlvmSection> sections, IReadOnlyList<(string Name, ulong Value, ulong Size)> symbols) = Needed(() => LlvmObject.Read(image, name));

        Assert.Equal(sections.Select(static section => section.Name), ours.Sections.Select(static section => section.Name));
        Assert.All(sections.Zip(ours.Sections), static pair =>
        {
            if (pair.Second.Type != ElfSectionType.NoBits)
            {
                Assert.Equal(pair.First.Contents, pair.Second.Data.ToArray());
            }
        });
        // The first symbol is nothing, which LLVM does not list.
        Assert.Equal(symbols.Count, ours.Symbols.Count - 1);
        Assert.All(symbols.Zip(ours.Symbols.Skip(1)), static pair => Assert.Equal((pair.First.Value, pair.First.Size), (pair.Second.Value, pair.Second.Size)));
        Assert.All(symbols.Zip(ours.Symbols.Skip(1)), pair => Assert.Equal(pair.First.Name, NameOf(ours, pair.Second)));

        // LLVM lists relocations with the section that holds them; ours are with the one they are for.
        int compared = 0;
        foreach (LlvmSection section in sections.Where(static section => section.Name.StartsWith(".rel", StringComparison.Ordinal)))
        {
            ElfSection? target = ours.FindSection(section.Name[".rel".Length..]);
            (ulong, ulong, string)[] relocations =
                target is null ? [] : [.. ours.RelocationsOf(target).Select(relocation => ((ulong)relocation.Offset, (ulong)relocation.Type, NameOf(ours, ours.Symbols[relocation.SymbolIndex])))];
            Assert.Equal(section.Relocations, relocations);
            compared += relocations.Length;
        }

        Assert.Equal(ours.Sections.Sum(section => ours.RelocationsOf(section).Count), compared);
    }

    [Theory]
    [MemberData(nameof(Objects))]
    public void Instructions_mean_what_LLVM_says(string name)
    {
        using LlvmDisassembler llvm = Needed(static () => new LlvmDisassembler());
        (HashSet<string> unknown, HashSet<string> untried) = ListFor(llvm.Version);
        ElfObject elf = ElfObject.Read(File.ReadAllBytes(Hmbpf.TestData(name)), name);
        foreach (ElfSection section in elf.Sections.Where(static section => section is { IsExecutable: true, Type: ElfSectionType.Contents, Size: > 0 }))
        {
            byte[] code = section.Data.ToArray();
            foreach (BpfDisassembledInstruction instruction in new BpfDisassembler().Disassemble(MemoryMarshal.Cast<byte, BpfInstruction>(code)))
            {
                string? theirs = llvm.Text(code.AsSpan(instruction.Index * BpfInstruction.Size));
                bool isUnknown = unknown.Contains(Shape(instruction.Text));
                Assert.True(untried.Contains(Shape(instruction.Text)) || Theirs(theirs) == Ours(instruction.Text) != isUnknown, $"{section.Name} {instruction}: {theirs}{(isUnknown ? $", which LLVM {llvm.Version} is listed not to know" : "")}");
            }
        }
    }

    // Every code with operands of every sign, not just what a compiler writes. What LLVM decodes, we decode to the same; what only we decode is exactly what the list
    // says that its version does not know.
    [Fact]
    public void Each_instruction_that_LLVM_knows_is_known()
    {
        using LlvmDisassembler llvm = Needed(static () => new LlvmDisassembler());
        (HashSet<string> unknown, HashSet<string> untried) = ListFor(llvm.Version);
        int compared = 0;
        List<string> wrong = [];
        SortedDictionary<string, bool> known = new(StringComparer.Ordinal);
        foreach ((byte code, byte source, short offset, int immediate) in
            from code in Enumerable.Range(0, 256)
            from source in new byte[] { 0, 2, 4 }
            from offset in new short[] { 0, 1, -3, 8 }
            from immediate in new[] { 0, 1, 7, -5, 16, 32, 64, 0x41, 0x51, 0xa1, 0xe1, 0xf1, 0x100, 0x110, 123456 }
            select ((byte)code, source, offset, immediate))
        {
            var low = new BpfInstruction(code, 1, source, offset, immediate);
            BpfInstruction[] instructions = [low, default];
            string? theirs = llvm.Text(MemoryMarshal.AsBytes<BpfInstruction>(instructions));
            string ours = new BpfDisassembler().Disassemble(instructions)[0].Text;
            if (IsOddity(low))
            {
                continue;
            }

            bool isKnown = Theirs(theirs) == Ours(ours);
            if (ours != Invalid)
            {
                known[Shape(ours)] = known.GetValueOrDefault(Shape(ours)) || isKnown;
            }

            compared += theirs is null ? 0 : 1;
            if (theirs is not null && !isKnown && !unknown.Contains(Shape(ours)) && !untried.Contains(Shape(ours)))
            {
                wrong.Add($"{low}: '{ours}', LLVM '{theirs}'");
            }
        }

        string[] mistaken = [
            .. known.Where(one => !one.Value && !unknown.Contains(one.Key) && !untried.Contains(one.Key)).Select(one => $"LLVM {llvm.Version} does not know '{one.Key}', and the list does not say so"),
            .. known.Where(one => one.Value && unknown.Contains(one.Key)).Select(one => $"LLVM {llvm.Version} knows '{one.Key}', and the list says that it cannot"),
        ];
        Assert.True(mistaken.Length == 0, string.Join('\n', mistaken));

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(compared > 3000, $"only {compared} compared");
    }

    [Fact]
    public void The_command_shows_both()
    {
        Needed(LibLlvm.Load);
        JsonElement json = Hmbpf.Run("disasm", Hmbpf.TestData("small.bpf.o"), "--llvm", "--json").Json;
        JsonElement[] instructions = [.. json.GetProperty("sections").EnumerateArray().SelectMany(static section => section.GetProperty("instructions").EnumerateArray())];
        string[] lines = Hmbpf.Run("disasm", Hmbpf.TestData("small.bpf.o"), "--llvm").Lines;

        Assert.All(instructions, static instruction => Assert.NotEmpty(instruction.GetProperty("llvm").GetString()!));
        Assert.Contains(instructions, static instruction => instruction.GetProperty("text").GetString() == "exit" && instruction.GetProperty("llvm").GetString() == "exit");
        Assert.Equal(instructions.Length, lines.Count(static line => line.Contains(" | ", StringComparison.Ordinal)));
        Assert.Empty(Hmbpf.Run("disasm", Hmbpf.TestData("small.bpf.o"), "--llvm").Error);
        Assert.DoesNotContain("|", Hmbpf.Run("disasm", Hmbpf.TestData("small.bpf.o")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_library_the_command_says_what_to_install()
    {
        Hmbpf.Outcome outcome = Hmbpf.RunWith("HYPERMESH_BPF_LIBLLVM", "/nowhere/libLLVM.so", "disasm", Hmbpf.TestData("small.bpf.o"), "--llvm");

        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("there is no libLLVM", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Output);
    }

    // The list has a line for each form of instruction that some LLVM from 16 on does not know. What a version between two that were tried says of it is not known.
    private static (HashSet<string> Unknown, HashSet<string> Untried) ListFor(string version)
    {
        int major = int.Parse(version.Split('.')[0], CultureInfo.InvariantCulture);
        string[][] lines = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "llvm-since.tsv")).Where(static line => !line.StartsWith('#')).Select(static line => line.Split('\t'))];
        return (
            [.. lines.Where(line => major <= Number(line[0])).Select(static line => line[2])],
            [.. lines.Where(line => major > Number(line[0]) && major < Number(line[1])).Select(static line => line[2])]);

        static int Number(string text) => text == "-" ? int.MaxValue : int.Parse(text, CultureInfo.InvariantCulture);
    }

    // An instruction without its registers and numbers.
    private static string Shape(string text) => s_number.Replace(text, "N");

    // A machine of ours that lacks the library has not compared anything: CI fails, a developer is told.
    private static T Needed<T>(Func<T> use)
    {
        try
        {
            return use();
        }
        catch (BpfException reason) when (reason.Message.Contains("no libLLVM", StringComparison.Ordinal) && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(reason.Message);
            throw;
        }
    }

    // What LLVM takes and no kernel does: calls by register, jumps whose kind is in the source register, atomics of which it looks at some bits only;
    // and loads of what is not a number, of which it prints the kind as one.
    private static bool IsOddity(BpfInstruction instruction) => instruction switch
    {
        { OpCode: CallByRegister } => true,
        { OpCode: MayGoto, Source: not 0 } => true,
        { IsWideLoad: true } => instruction.Source is not (0 or BpfOpCode.PseudoMap or BpfOpCode.PseudoFunction),
        { Class: BpfOpCode.ClassStoreRegister } when (instruction.OpCode & ModeMask) == ModeAtomic => !s_atomics.Contains(instruction.Immediate),
        _ => false,
    };

    private static string NameOf(ElfObject elf, ElfSymbol symbol)
        => symbol.Name.Length > 0 || symbol.Type != ElfSymbolType.Section ? symbol.Name : elf.Sections[symbol.SectionIndex].Name;

    private static string Ours(string text)
    {
        bool isLoad = !text.StartsWith("if ", StringComparison.Ordinal);
        string words = s_words.Aggregate(text, static (words, word) => word.Ours.Replace(words, word.Theirs));
        return s_hexadecimal.Replace(words, match =>
        {
            ulong value = ulong.Parse(match.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            return isLoad ? $"{(long)value} ll" : ((int)value).ToString(CultureInfo.InvariantCulture);
        });
    }

    private static string Theirs(string? text)
    {
        // A pseudo load names its kind by number.
        string words = Regex.Replace(text ?? "invalid instruction", @"^ld_pseudo\s+(r\d+), 1, (\d+)$", "$1 = map $2");
        words = Regex.Replace(
            words, @"^ld_pseudo\s+(r\d+), 4, (\d+)$", static match => $"{match.Groups[1]} = subprog {(int)uint.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture)}");
        bool isMemory = words.Contains("*(", StringComparison.Ordinal) || words.Contains(" *)(", StringComparison.Ordinal) || words.Contains("xchg", StringComparison.Ordinal);
        return isMemory ? s_narrow.Replace(words, "r$1") : words;
    }
}
