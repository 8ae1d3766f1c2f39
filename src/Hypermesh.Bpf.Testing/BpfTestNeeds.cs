using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Testing;

/// <summary>Why a test cannot run here. What trying a kernel showed is kept for the process, so that a thousand facts ask once.</summary>
internal static class BpfTestNeeds
{
    /// <summary>Set by who wants no skips, as a pipeline that is known to have all of it: what is missing is then a failure of the test.</summary>
    internal const string RequiredVariable = "HYPERMESH_BPF_REQUIRED";

    /// <summary>What every such test takes unless it says otherwise.</summary>
    internal static readonly string[] Usual = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"];

    internal static string? WhyNot(IBpfTestNeeds needs)
    {
        if (Environment.GetEnvironmentVariable(RequiredVariable) is "1" or "true")
        {
            return null;
        }

        if (!OperatingSystem.IsLinux())
        {
            return "needs Linux";
        }

        return Capabilities(needs.Capabilities) ?? Kernel(needs.MinimumKernel)
            ?? First(needs.Features.Select(static feature => (BpfFeatures.Current.Check(feature).State, $"{feature}", BpfFeatures.Current.Check(feature).Detail)))
            ?? First(needs.ProgramTypes.Select(static type => Of(BpfFeatures.Current.Check(type))))
            ?? First(needs.MapTypes.Select(static type => Of(BpfFeatures.Current.Check(type))));
    }

    private static string? Capabilities(string[] names)
    {
        Capabilities wanted = names.Aggregate(Bpf.Capabilities.None, static (all, name) => all | (CapabilityNames.Parse(name) ?? throw new ArgumentException($"'{name}' is no capability of Linux.")));
        Capabilities missing = ProcessPrivileges.Read(LinuxKernel.Instance).Missing(wanted) ?? Bpf.Capabilities.None;
        return missing == Bpf.Capabilities.None ? null : $"needs {string.Join(", ", names)}, and this process lacks {CapabilityNames.Of(missing)}: run the tests as root";
    }

    private static string? Kernel(string? minimum)
    {
        if (minimum is null)
        {
            return null;
        }

        uint code = KernelVersion.Code(LinuxKernel.Instance);
        var running = new Version((int)(code >> 16), (int)(code >> 8 & 0xff));
        return code == 0 || running >= Version.Parse(minimum) ? null : $"needs Linux {minimum}, and this is {running}";
    }

    private static (BpfFeatureState State, string Subject, string Detail) Of(BpfProbeResult result) => (result.State, result.Subject, result.Detail);

    private static string? First(IEnumerable<(BpfFeatureState State, string Subject, string Detail)> answers)
        => answers.Where(static answer => answer.State != BpfFeatureState.Supported)
            .Select(static answer => $"needs {answer.Subject}, and this kernel {(answer.State == BpfFeatureState.Absent ? "has it not" : "refuses it")}: {answer.Detail}")
            .FirstOrDefault();
}
