using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Xunit;
using Xunit.v3;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// A fact that is skipped where this machine cannot run it, with the reason. The environment variable <c>HYPERMESH_BPF_REQUIRED=1</c> takes the skips away: what is missing
/// is then a failure, as a pipeline wants it that is known to have all of it.
/// </summary>
/// <param name="sourceFilePath">Filled by the compiler.</param>
/// <param name="sourceLineNumber">Filled by the compiler.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BpfFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : FactAttribute(sourceFilePath, sourceLineNumber), IFactAttribute, IBpfTestNeeds
{
    /// <summary>The capabilities the test takes; CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN unless it says otherwise.</summary>
    public string[] Capabilities { get; set; } = BpfTestNeeds.Usual;

    /// <summary>The oldest kernel it is for, such as <c>5.10</c>; null for all. Prefer <see cref="Features"/>: distributions carry things back.</summary>
    public string? MinimumKernel { get; set; }

    /// <summary>What the kernel must have, found by trying it.</summary>
    public BpfFeature[] Features { get; set; } = [];

    /// <summary>The types of program it must have.</summary>
    public BpfProgramType[] ProgramTypes { get; set; } = [];

    /// <summary>The types of map it must have.</summary>
    public BpfMapType[] MapTypes { get; set; } = [];

    string? IFactAttribute.Skip => Skip ?? BpfTestNeeds.WhyNot(this);
}

/// <summary>
/// A theory that is skipped where this machine cannot run it, with the reason. The environment variable <c>HYPERMESH_BPF_REQUIRED=1</c> takes the skips away: what is missing
/// is then a failure, as a pipeline wants it that is known to have all of it.
/// </summary>
/// <param name="sourceFilePath">Filled by the compiler.</param>
/// <param name="sourceLineNumber">Filled by the compiler.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BpfTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : TheoryAttribute(sourceFilePath, sourceLineNumber), ITheoryAttribute, IBpfTestNeeds
{
    /// <summary>The capabilities the test takes; CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN unless it says otherwise.</summary>
    public string[] Capabilities { get; set; } = BpfTestNeeds.Usual;

    /// <summary>The oldest kernel it is for, such as <c>5.10</c>; null for all. Prefer <see cref="Features"/>: distributions carry things back.</summary>
    public string? MinimumKernel { get; set; }

    /// <summary>What the kernel must have, found by trying it.</summary>
    public BpfFeature[] Features { get; set; } = [];

    /// <summary>The types of program it must have.</summary>
    public BpfProgramType[] ProgramTypes { get; set; } = [];

    /// <summary>The types of map it must have.</summary>
    public BpfMapType[] MapTypes { get; set; } = [];

    string? IFactAttribute.Skip => Skip ?? BpfTestNeeds.WhyNot(this);
}

/// <summary>What a test needs of the machine.</summary>
internal interface IBpfTestNeeds
{
    string[] Capabilities { get; }

    string? MinimumKernel { get; }

    BpfFeature[] Features { get; }

    BpfProgramType[] ProgramTypes { get; }

    BpfMapType[] MapTypes { get; }
}

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
        Capabilities wanted = names.Aggregate(Interop.Capabilities.None, static (all, name) => all | (CapabilityNames.Parse(name) ?? throw new ArgumentException($"'{name}' is no capability of Linux.")));
        Capabilities missing = ProcessPrivileges.Read(LinuxKernel.Instance).Missing(wanted) ?? Interop.Capabilities.None;
        return missing == Interop.Capabilities.None ? null : $"needs {string.Join(", ", names)}, and this process lacks {CapabilityNames.Of(missing)}: run the tests as root";
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

    private static (BpfFeatureState State, string Subject, string Detail) Of(BpfFeatureResult result) => (result.State, result.Subject, result.Detail);

    private static string? First(IEnumerable<(BpfFeatureState State, string Subject, string Detail)> answers)
        => answers.Where(static answer => answer.State != BpfFeatureState.Supported)
            .Select(static answer => $"needs {answer.Subject}, and this kernel {(answer.State == BpfFeatureState.Absent ? "has it not" : "refuses it")}: {answer.Detail}")
            .FirstOrDefault();
}
