using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.FeatureChecks;
using Hypermesh.BpfSdk.Skeletons.Checks;

namespace Hypermesh.Bpf.Tests.Kernel.Checks;

/// <summary>The generator's list of helpers that are kept for the GPL, against what the kernel says when a program of another license calls them.</summary>
public sealed class GplHelperTests : KernelTest
{
    // LSM programs are under the GPL as a whole; freplace and struct_ops have the helpers of what they stand in for.
    private static readonly BpfProgramType[] s_types =
    [
        .. Enum.GetValues<BpfProgramType>().Where(type => type is not (BpfProgramType.Unspec or BpfProgramType.Ext or BpfProgramType.StructOps or BpfProgramType.Lsm)),
    ];

    [Fact]
    public void The_helpers_listed_are_those_this_kernel_keeps_for_the_GPL()
    {
        var wrong = new List<string>();
        int kept = 0;
        foreach (BpfProgramType type in s_types)
        {
            for (int helper = 1; helper < BpfHelpers.Count; helper++)
            {
                if (IsKept(type, helper) is { } answer)
                {
                    kept += answer ? 1 : 0;
                    if (answer != GplHelpers.Contains(helper, type))
                    {
                        wrong.Add($"{type} {BpfHelpers.NameOf(helper)}: {(answer ? "kept" : "not kept")}");
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join(", ", wrong));
        Assert.True(kept > 100, $"only {kept} calls were refused for their license");
    }

    [Fact]
    public void The_licenses_listed_are_those_this_kernel_accepts_as_the_GPL()
        => Assert.All(
            ["GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL", "GPLv2", "GPL-2.0", "Dual BSD/GPL ", "gpl", "MIT", "BSD", "Apache-2.0"],
            license => Assert.Equal(GplHelpers.IsCompatible(license), Try(BpfProgramType.SocketFilter, BpfHelpers.NumberOf("bpf_trace_printk"), license)?.Contains("GPL", StringComparison.Ordinal) == false));

    // Null for a helper the type has not, or a type the kernel has not.
    private bool? IsKept(BpfProgramType type, int helper)
        => Try(type, helper, "Proprietary") is { } log ? log.Contains("GPL", StringComparison.Ordinal) : null;

    private string? Try(BpfProgramType type, int helper, string license)
    {
        ProbeProgram probe = ProbeProgram.Of(type);
        ProgramLoader.Outcome outcome = ProgramLoader.Load(Kernel, new ProgramCode("license", type, [Code.Call(helper), Code.Exit()])
        {
            License = license,
            ExpectedAttachType = probe.Attach,
            Flags = probe.Flags,
            AttachBtfId = probe.Target?.Invoke(Kernel) ?? 0,
            KernelVersion = type == BpfProgramType.KProbe ? KernelVersion.Code(Kernel) : 0,
        });
        FeatureAttempt.Close(Kernel, outcome.Result);
        bool isAbsent = outcome.Log.Contains("unknown func", StringComparison.Ordinal)
            || outcome.Log.Contains("invalid func", StringComparison.Ordinal)
            || outcome.Log.Contains("cannot use helper", StringComparison.Ordinal);
        return isAbsent || (outcome.Result < 0 && outcome.Log.Length == 0) ? null : outcome.Log;
    }
}
