using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Usdt;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Usdt;

/// <summary>Where compilers say that the arguments of static probes are.</summary>
public sealed class UsdtArgumentTests
{
    [Theory]
    [InlineData("-4@%eax", UsdtArgumentKind.Register, 0, 80, 0, 0, 4, true)]
    [InlineData("8@%r15", UsdtArgumentKind.Register, 0, 0, 0, 0, 8, false)]
    [InlineData("1@%dil", UsdtArgumentKind.Register, 0, 112, 0, 0, 1, false)]
    [InlineData("-4@$-5", UsdtArgumentKind.Constant, -5, 0, 0, 0, 4, true)]
    [InlineData("8@$0x10", UsdtArgumentKind.Constant, 16, 0, 0, 0, 8, false)]
    [InlineData("-4@-20(%rbp)", UsdtArgumentKind.Memory, -20, 32, 0, 0, 4, true)]
    [InlineData("8@(%rsp)", UsdtArgumentKind.Memory, 0, 152, 0, 0, 8, false)]
    [InlineData("2@-96(%rbp,%rax,8)", UsdtArgumentKind.IndexedMemory, -96, 32, 80, 3, 2, false)]
    [InlineData("1@(%rbp,%rax)", UsdtArgumentKind.IndexedMemory, 0, 32, 80, 0, 1, false)]
    public void The_arguments_of_x64_are_read(string text, object kind, long value, int register, int index, int shift, int size, bool isSigned)
        => Assert.Equal(
            new UsdtArgument((UsdtArgumentKind)kind, value, register, index, shift, size, isSigned), Assert.Single(UsdtArguments.Parse(text, UsdtArchitecture.X64, "a:b")));

    [Theory]
    [InlineData("-4@[sp, 12]", UsdtArgumentKind.Memory, 12, 248, 4, true)]
    [InlineData("8@[x3]", UsdtArgumentKind.Memory, 0, 24, 8, false)]
    [InlineData("8@x19", UsdtArgumentKind.Register, 0, 152, 8, false)]
    [InlineData("-4@5", UsdtArgumentKind.Constant, 5, 0, 4, true)]
    public void The_arguments_of_Arm64_are_read(string text, object kind, long value, int register, int size, bool isSigned)
        => Assert.Equal(
            new UsdtArgument((UsdtArgumentKind)kind, value, register, 0, 0, size, isSigned), Assert.Single(UsdtArguments.Parse(text, UsdtArchitecture.Arm64, "a:b")));

    [Fact]
    public void Several_arguments_are_read_in_order()
        => Assert.Equal([4, 8, 2], UsdtArguments.Parse("-4@%esi 8@-24(%rbp)  2@%ax", UsdtArchitecture.X64, "a:b").Select(static argument => argument.Size));

    [Theory]
    [InlineData("4@symbol(%rip)")]
    [InlineData("3@%eax")]
    [InlineData("4@%xmm0")]
    [InlineData("4@(%rax,%rbx,3)")]
    [InlineData("nonsense")]
    [InlineData("8@$99999999999999999999")]
    [InlineData("1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al 1@%al")]
    public void An_argument_that_no_program_can_read_is_reported(string text)
        => Assert.Contains("probe:one", Assert.Throws<BpfException>(() => UsdtArguments.Parse(text, UsdtArchitecture.X64, "probe:one")).Message, StringComparison.Ordinal);

    [Fact]
    public void Both_layouts_of_the_header_are_written()
    {
        IReadOnlyList<UsdtArgument> arguments = UsdtArguments.Parse("-4@-20(%rbp)", UsdtArchitecture.X64, "a:b");

        byte[] old = UsdtSpec.OfSize(208)!.Write(arguments, 0x1122, "a:b");
        byte[] wide = UsdtSpec.OfSize(304)!.Write(arguments, 0x1122, "a:b");

        Assert.Equal([0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 32, 0, 1, 32], old[..16]);
        Assert.Equal([2, 0, 0, 0, 0, 0, 32, 0, 1, 32, 0, 0, 0, 0, 0, 0], wide[8..24]);
        Assert.Equal([0x22, 0x11, 0, 0, 0, 0, 0, 0, 1, 0], old[192..202]);
        Assert.Null(UsdtSpec.OfSize(200));
        IReadOnlyList<UsdtArgument> indexed = UsdtArguments.Parse("8@(%rbp,%rax,8)", UsdtArchitecture.X64, "a:b");
        Assert.Equal([80, 0x30], UsdtSpec.OfSize(304)!.Write(indexed, 0, "a:b")[10..12]);
        Assert.Contains("libbpf 1.7", Assert.Throws<BpfException>(() => UsdtSpec.OfSize(208)!.Write(indexed, 0, "a:b")).Message, StringComparison.Ordinal);
    }
}
