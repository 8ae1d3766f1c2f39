using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Lsm;

/// <summary>Security hooks that the kernel has and does not call.</summary>
public sealed class LsmProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void A_security_hook_that_would_never_run_is_reported()
    {
        _kernel.Files["/sys/kernel/security/lsm"] = "lockdown,capability\n"u8.ToArray();
        var program = new BpfLsmProgram(_kernel.NewProgram(BpfProgramType.Lsm) with { SectionName = "lsm/file_open", Target = "file_open" });

        Assert.Contains("lsm=lockdown,capability,bpf", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
