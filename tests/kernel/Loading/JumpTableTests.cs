using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Programs that jump through tables the compiler made: each case of each switch is gone to, and to no other.</summary>
public sealed class JumpTableTests : KernelTest
{
    private const ulong Seed = 1000;
    private const int Hole = 12;

    [StructLayout(LayoutKind.Sequential)]
    private struct Arguments
    {
        public ulong Which, Value;
    }

    [Fact]
    [Row("sections", ".jumptables (INSN_ARRAY, computed goto)")]
    public void Each_case_is_reached()
    {
        Needs(BpfFeature.JumpTables);
        BpfObject live = Own(BpfObject.Load(BpfObjectSpec.Read(One("jumps"), "jumps")));

        Check(live, "jump", step: 3);
        CheckLabels(live, "walk", step: 3);
        Assert.Empty(live.Maps);
    }

    [Theory]
    [InlineData("jumps", "jumps-other")]
    [InlineData("jumps-other", "jumps")]
    [Row("sections", ".jumptables (INSN_ARRAY, computed goto)")]
    [Row("externs", "static linking of objects, weak symbols resolved")]
    public void Each_case_is_reached_in_linked_objects(params string[] order)
    {
        Needs(BpfFeature.JumpTables);
        byte[] linked = BpfLinker.Link([.. order.Select(static name => ((ReadOnlyMemory<byte>)One(name), name))], "linked");
        BpfObject live = Own(BpfObject.Load(BpfObjectSpec.Read(linked, "linked")));

        Check(live, "jump", step: 3);
        Check(live, "leap", step: 70);
        CheckLabels(live, "walk", step: 3);
        CheckLabels(live, "stroll", step: 70);
    }

    [Fact]
    public void A_kernel_without_jump_tables_is_reported()
    {
        Assert.SkipWhen(KernelFacts.Has(BpfFeature.JumpTables), "this kernel has jump tables");

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => BpfObject.Load(BpfObjectSpec.Read(One("jumps"), "jumps")));

        Assert.Contains("-fno-jump-tables", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("jump", refusal.SubjectName);
    }

    private static void Check(BpfObject live, string program, ulong step)
    {
        BpfSyscallProgram jumps = live.GetProgram<BpfSyscallProgram>(program);
        for (ulong which = 0; which < 18; which++)
        {
            var arguments = new Arguments { Which = which, Value = Seed };
            Assert.Equal(0, jumps.Run(ref arguments));
            Assert.Equal(which is Hole or > 15 ? Seed : (Seed * (which + step)) + which + step, arguments.Value);
        }
    }

    private static void CheckLabels(BpfObject live, string program, ulong step)
    {
        BpfSyscallProgram labels = live.GetProgram<BpfSyscallProgram>(program);
        ulong?[] expected = [Seed + step, Seed * step, Seed, null];
        for (int which = 0; which < expected.Length; which++)
        {
            var arguments = new Arguments { Which = (ulong)which, Value = Seed };
            Assert.Equal(expected[which] is null ? 1 : 0, labels.Run(ref arguments));
            Assert.Equal(expected[which] ?? Seed, arguments.Value);
        }
    }

    private static byte[] One(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "link", $"{name}.bpf.o"));
}
