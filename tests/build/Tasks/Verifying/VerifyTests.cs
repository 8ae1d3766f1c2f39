using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Verifying;

/// <summary>With <c>BpfVerify</c> this machine's verifier looks at the objects while they are built.</summary>
public sealed class VerifyTests : IDisposable
{
    private const string Loads = "packets.bpf.c";

    private readonly UserProject _project;
    private readonly string _log;
    private readonly string _counted;

    public VerifyTests(PackedFeed feed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");
        _project = UserProject.Console(feed, properties: "<BpfVerify>true</BpfVerify>");
        _project.Write(Loads, KernelC.CountsPackets);
        _log = _project.PathOf("verifier.calls");
        _counted = _project.PathOf("counted");
        UserProject.WriteProgram(_counted, $"echo called >> '{_log}'; exec \"$@\"");
    }

    public void Dispose() => _project.Dispose();

    [Fact]
    public void An_accepted_object_is_verified_once()
    {
        Build().Succeeded();
        Build().Succeeded();
        Assert.Equal(1, Calls);

        _project.Write(Loads, KernelC.CountsPackets.Replace("XDP_PASS", "XDP_DROP"));
        Build().Succeeded();
        Assert.Equal(2, Calls);
    }

    [Fact]
    public void A_rejected_program_is_an_error_at_its_line_until_it_is_fixed()
    {
        _project.Write(Loads, KernelC.CountsPackets.Replace("return XDP_PASS;", "return *(int *)bpf_map_lookup_elem(&by_protocol, &key);"));

        for (int time = 0; time < 2; time++)
        {
            string error = Assert.Single(Build().Failed().Diagnostics("HMBPF1030"));
            Assert.StartsWith($"{_project.PathOf(Loads)}(18): ", error, StringComparison.Ordinal);
            Assert.Contains("The verifier rejected program count_packets of packets", error, StringComparison.Ordinal);
            Assert.Contains("map_value_or_null", error, StringComparison.Ordinal);
        }

        _project.Write(Loads, KernelC.CountsPackets);
        Build().Succeeded();
    }

    [Fact]
    public void Without_permission_to_load_the_build_reports_it_and_succeeds()
    {
        BuildResult build = _project.Build("-p:BpfVerifyCommand=setpriv --bounding-set=-all --inh-caps=-all").Succeeded();

        Assert.Contains("HMBPF1031", build.Output, StringComparison.Ordinal);
        Assert.Contains("The objects were not verified: this process lacks CAP_BPF", build.Output, StringComparison.Ordinal);
        Assert.Contains("could not be started", _project.Build("-p:BpfVerifyCommand=/nowhere/at-all").Succeeded().Output, StringComparison.Ordinal);
    }

    private int Calls => File.ReadLines(_log).Count();

    private BuildResult Build() => _project.Build($"-p:BpfVerifyCommand={_counted}");
}
