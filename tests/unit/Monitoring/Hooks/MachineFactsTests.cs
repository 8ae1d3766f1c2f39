using Hypermesh.Bpf.Monitoring.Hooks;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Hooks;

public sealed class MachineFactsTests
{
    [Theory]
    [InlineData("BOOT_IMAGE=/vmlinuz root=/dev/vda\n", null)]
    [InlineData("root=/dev/vda preempt=lazy quiet\n", "lazy")]
    [InlineData("preempt=none preempt=full\n", "full")]
    [InlineData("xpreempt=full\n", null)]
    public void The_last_mode_on_the_command_line_counts(string commandLine, string? mode) => Assert.Equal(mode, MachineFacts.ModeOnCommandLine(commandLine));

    [Theory]
    [InlineData("# CONFIG_PREEMPT is not set\nCONFIG_PREEMPT_VOLUNTARY=y\nCONFIG_PREEMPT_DYNAMIC=y\n", "6.12", false)]
    [InlineData("CONFIG_X=y\nCONFIG_PREEMPT=y\n", "5.10", true)]
    [InlineData("CONFIG_X=y\nCONFIG_PREEMPT_LAZY=y\n", "6.18", true)]
    [InlineData("CONFIG_X=y\nCONFIG_PREEMPT_RT=y\n", "6.12", true)]
    [InlineData(null, "6.18", false)]
    [InlineData(null, "7.2", true)]
    public void The_configuration_decides_and_without_it_the_version(string? configuration, string version, bool preemptible)
        => Assert.Equal(preemptible, MachineFacts.IsPreemptible(configuration, new Version(version)));
}
