using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Tests.Unit.Compilation.Sandboxing;

/// <summary>What the compiler asks the launcher for arrives as it was asked.</summary>
public sealed class SandboxPolicyTests
{
    [Fact]
    public void A_policy_survives_the_command_line()
    {
        var policy = new SandboxPolicy
        {
            Parent = 42,
            DropsUser = true,
            Limits = new SandboxLimits { CpuTime = TimeSpan.FromSeconds(3), AddressSpace = 1 << 28, FileSize = 4096, OpenFiles = 9 },
            Readable = ["/usr/lib", "/a folder", "/odd=name"],
            Writable = "/tmp/x",
            Program = ["/usr/bin/clang", "--", "@file"],
        };

        SandboxPolicy read = SandboxPolicy.Parse(policy.ToArguments());

        Assert.Equal(policy.Limits, read.Limits);
        Assert.Equal((policy.Parent, policy.DropsUser, policy.Writable), (read.Parent, read.DropsUser, read.Writable));
        Assert.Equal(policy.Readable, read.Readable);
        Assert.Equal(policy.Program, read.Program);
    }

    [Theory]
    [InlineData("--hypermesh-sandbox")]
    [InlineData("--hypermesh-sandbox", "--")]
    [InlineData("--hypermesh-sandbox", "parent=1", "--", "/bin/true")]
    [InlineData("other", "--", "/bin/true")]
    public void Other_words_are_refused(params string[] words) => Assert.Throws<FormatException>(() => SandboxPolicy.Parse(words));
}
