using System.Text.RegularExpressions;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.ProgramLinking;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.Instructions;

/// <summary>The disassembler against the verifier's own words, which its log has for every instruction it walks.</summary>
public sealed partial class DisassemblerTests : KernelTest
{
    // Straight through, so that the verifier meets each; forms of any kernel, then those of newer ones, one set a kernel generation.
    private const string Nowhere = "goto pc+0";

    private static readonly BpfInstruction[] s_everywhere =
    [
        new(0xbf, 6, 1, 0, 0), new(0xb7, 1, 0, 0, -5), new(0xb4, 2, 0, 0, 7), new(0x0f, 1, 2, 0, 0), new(0x1c, 1, 2, 0, 0), new(0x27, 1, 0, 0, 3),
        new(0x37, 1, 0, 0, 3), new(0x9f, 1, 2, 0, 0), new(0x47, 1, 0, 0, 16), new(0x5c, 1, 2, 0, 0), new(0x67, 1, 0, 0, 4), new(0x77, 1, 0, 0, 4),
        new(0xa7, 1, 0, 0, -1), new(0xc7, 1, 0, 0, 3), new(0xcf, 1, 2, 0, 0), new(0x87, 1, 0, 0, 0), new(0x84, 1, 0, 0, 0), new(0xbc, 3, 1, 0, 0),
        new(0xd4, 1, 0, 0, 16), new(0xdc, 1, 0, 0, 64), new(0x7b, 10, 2, -8, 0), new(0x7a, 10, 0, -16, 9), new(0x63, 10, 2, -20, 0), new(0x6a, 10, 0, -22, 1),
        new(0x73, 10, 2, -23, 0), new(0x79, 4, 10, -8, 0), new(0x61, 4, 10, -20, 0), new(0x69, 4, 10, -22, 0), new(0x71, 4, 10, -23, 0),
        new(0xdb, 10, 2, -8, 0), new(0xc3, 10, 2, -8, 0), new(0x18, 5, 0, 0, 0x55667788), new(0, 0, 0, 0, 0x11223344),
        new(0x15, 5, 0, 0, 1), new(0x2d, 5, 2, 0, 0), new(0x66, 2, 0, 0, -3), new(0xce, 2, 3, 0, 0), new(0x45, 5, 0, 0, 8), new(0x05, 0, 0, 0, 0),
        new(0x85, 0, 0, 0, 5), new(0x85, 0, 1, 0, 2), new(0xb7, 0, 0, 0, 0), new(0x95, 0, 0, 0, 0), new(0xb7, 0, 0, 0, 1), new(0x95, 0, 0, 0, 0),
    ];

    private static readonly BpfInstruction[] s_packets =
    [
        new(0xbf, 6, 1, 0, 0), new(0xb7, 7, 0, 0, 1), new(0x20, 0, 0, 0, 12), new(0x50, 0, 7, 0, 1), new(0x48, 0, 7, 0, -2), new(0x95, 0, 0, 0, 0),
    ];

    private static readonly BpfInstruction[] s_atomics =
    [
        new(0xb7, 0, 0, 0, 1), new(0xb7, 2, 0, 0, 1), new(0x7a, 10, 0, -8, 0), new(0xdb, 10, 2, -8, 0x01), new(0xc3, 10, 2, -8, 0x41), new(0xdb, 10, 2, -8, 0x50),
        new(0xdb, 10, 2, -8, 0xa1), new(0xdb, 10, 2, -8, 0xe1), new(0xc3, 10, 2, -8, 0xf1), new(0xb7, 0, 0, 0, 0), new(0x95, 0, 0, 0, 0),
    ];

    private static readonly BpfInstruction[] s_fourth =
    [
        new(0xb7, 2, 0, 0, 100), new(0xbf, 1, 2, 8, 0), new(0xbc, 1, 2, 16, 0), new(0xbf, 1, 2, 32, 0), new(0x37, 1, 0, 1, 3), new(0x9f, 1, 2, 1, 0),
        new(0xd7, 1, 0, 0, 32), new(0x7b, 10, 2, -8, 0), new(0x91, 3, 10, -8, 0), new(0x81, 3, 10, -8, 0), new(0x06, 0, 0, 0, 0), new(0xb7, 0, 0, 0, 0), new(0x95, 0, 0, 0, 0),
    ];

    [Fact]
    public void Every_form_reads_as_the_verifier_writes_it() => CompareAlone(s_everywhere);

    [Fact]
    public void Packet_loads_read_as_the_verifier_writes_them() => CompareAlone(s_packets);

    [Fact]
    public void Atomic_operations_read_as_the_verifier_writes_them() => CompareAlone(s_atomics, "BPF_STX uses reserved fields");

    [Fact]
    public void The_fourth_instruction_set_reads_as_the_verifier_writes_it() => CompareAlone(s_fourth, "unknown opcode d7");

    [Fact]
    public void A_compiled_object_reads_as_the_verifier_writes_it()
    {
        BpfObjectSpec spec = Newtypes.Open().Object;
        Newtypes live = Own(Newtypes.Open().Load(new BpfLoadOptions { VerifierLog = BpfVerifierLogLevel.States }));

        LinkedProgram linked = new ProgramLinker(spec, []).Link(spec.Program("tick"));

        Compare(linked.Instructions, live.Programs.Tick.VerifierLog);
    }

    // What kernels without the instructions say of one of them (seen on 5.10 and 6.1) is no sentence those with them have.
    private static void CompareAlone(BpfInstruction[] code, string? absence = null)
    {
        var request = new ProgramCode("words", BpfProgramType.SocketFilter, code) { License = "GPL", LogLevel = BpfVerifierLogLevel.States };
        ProgramLoader.Outcome outcome = ProgramLoader.Load(Kernel, request);
        Assert.SkipWhen(
            outcome.Result == -Errno.EINVAL && absence is not null && outcome.Log.Contains(absence, StringComparison.Ordinal), $"this kernel has not these instructions: {absence}");
        Assert.True(outcome.Result >= 0, outcome.Log);
        Kernel.Close((int)outcome.Result);
        Compare(code, outcome.Log);
    }

    private static void Compare(BpfInstruction[] code, string log)
    {
        var ours = new BpfDisassembler().Disassemble(code).ToDictionary(instruction => instruction.Index);
        int compared = 0;
        foreach (Match line in Line().Matches(log))
        {
            BpfDisassembledInstruction own = ours[int.Parse(line.Groups[1].Value)];
            string theirs = line.Groups[3].Value.TrimEnd();
            // 7.2 writes a condition whose jump leads nowhere as a plain jump.
            if (theirs == Nowhere && own.Text.EndsWith(Nowhere, StringComparison.Ordinal))
            {
                compared++;
                continue;
            }

            if (theirs != own.Text)
            {
                // The log has addresses where the instruction has a descriptor.
                Assert.True(own.Text.Split("= ")[^1].StartsWith("map[", StringComparison.Ordinal), $"'{own.Text}' is to the kernel '{theirs}'");
            }

            Assert.Equal(line.Groups[2].Value, $"{own.OpCode:x2}");
            compared++;
        }

        Assert.True(compared >= code.Length - 4, $"{compared} of {code.Length}: {log}");
    }

    [GeneratedRegex(@"^(?:from \d+ to \d+: |R.*\n)?(\d+): \(([0-9a-f]{2})\) ([^;\n]*)", RegexOptions.Multiline)]
    private static partial Regex Line();
}
