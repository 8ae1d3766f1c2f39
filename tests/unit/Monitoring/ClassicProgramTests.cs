using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring;

/// <summary>What the monitors' programs at classic tracepoints return: with 0, the kernel would hide each event from everyone who listens to it with perf.</summary>
public sealed class ClassicProgramTests
{
    public static TheoryData<string> Objects => [.. typeof(MonitorSet).Assembly.GetManifestResourceNames().Where(static name => name.EndsWith(".bpf.o", StringComparison.Ordinal))];

    [Fact]
    public void Each_monitor_has_an_object_and_the_totals_that_are_kept_have_one() => Assert.Equal(MonitorSet.KnownNames.Count + 1, Objects.Count);

    [Theory]
    [MemberData(nameof(Objects))]
    public void They_return_one(string resource)
    {
        byte[] file = Bytes(resource);
        BpfObjectSpec spec = BpfObjectSpec.Read(file, resource);
        foreach (BpfProgramSpec program in spec.Programs.Where(static program => program.Type == BpfProgramType.Tracepoint))
        {
            BpfInstruction[] code = [.. MemoryMarshal.Cast<byte, BpfInstruction>(file.AsSpan((int)(program.Code.Offset + program.Symbol.Value), (int)program.Symbol.Size))];
            Assert.Contains(BpfOpCode.Exit, code.Select(static one => one.OpCode));
            Assert.All(Exits(code), exit => Assert.True(IsReturnOfOne(code[exit - 1]) && !IsJumpedTo(code, exit), $"{program.Name} may return something else at {exit}"));
        }
    }

    private static IEnumerable<int> Exits(BpfInstruction[] code) => Enumerable.Range(0, code.Length).Where(index => code[index].OpCode == BpfOpCode.Exit);

    // r0 = 1 or w0 = 1.
    private static bool IsReturnOfOne(BpfInstruction one) => one is { OpCode: 0xb7 or 0xb4, Destination: 0, Immediate: 1 };

    private static bool IsJumpedTo(BpfInstruction[] code, int target)
    {
        for (int at = 0; at < code.Length; at += code[at].IsWideLoad ? 2 : 1)
        {
            bool jumps = code[at].Class is 0x05 or 0x06 && code[at].OpCode != BpfOpCode.Exit && !code[at].IsCall;
            if (jumps && at + 1 + (code[at].OpCode == 0x06 ? code[at].Immediate : code[at].Offset) == target)
            {
                return true;
            }
        }

        return false;
    }

    private static byte[] Bytes(string resource)
    {
        using Stream stream = typeof(MonitorSet).Assembly.GetManifestResourceStream(resource)!;
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
