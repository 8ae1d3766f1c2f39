using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Xunit;
using Xunit.v3;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// A fact that is skipped where this machine cannot run it, with the reason. With the environment variable <c>HYPERMESH_BPF_REQUIRED=1</c> nothing is skipped: a missing requirement
/// is a failure, for a pipeline that must run all tests.
/// </summary>
/// <param name="sourceFilePath">Set by the compiler.</param>
/// <param name="sourceLineNumber">Set by the compiler.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BpfFactAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : FactAttribute(sourceFilePath, sourceLineNumber), IFactAttribute, IBpfTestNeeds
{
    /// <summary>The capabilities that the test requires; the default is CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.</summary>
    public string[] Capabilities { get; set; } = BpfTestNeeds.Usual;

    /// <summary>The oldest kernel that it supports, such as <c>5.10</c>; null for all. Prefer <see cref="Features"/>, because distributions backport features.</summary>
    public string? MinimumKernel { get; set; }

    /// <summary>The features that the kernel must support; they are probed.</summary>
    public BpfFeature[] Features { get; set; } = [];

    /// <summary>The program types that the kernel must support.</summary>
    public BpfProgramType[] ProgramTypes { get; set; } = [];

    /// <summary>The map types that the kernel must support.</summary>
    public BpfMapType[] MapTypes { get; set; } = [];

    string? IFactAttribute.Skip => Skip ?? BpfTestNeeds.WhyNot(this);
}

/// <summary>
/// A theory that is skipped where this machine cannot run it, with the reason. With the environment variable <c>HYPERMESH_BPF_REQUIRED=1</c> nothing is skipped: a missing requirement
/// is a failure, for a pipeline that must run all tests.
/// </summary>
/// <param name="sourceFilePath">Set by the compiler.</param>
/// <param name="sourceLineNumber">Set by the compiler.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BpfTheoryAttribute([CallerFilePath] string? sourceFilePath = null, [CallerLineNumber] int sourceLineNumber = -1)
    : TheoryAttribute(sourceFilePath, sourceLineNumber), ITheoryAttribute, IBpfTestNeeds
{
    /// <summary>The capabilities that the test requires; the default is CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.</summary>
    public string[] Capabilities { get; set; } = BpfTestNeeds.Usual;

    /// <summary>The oldest kernel that it supports, such as <c>5.10</c>; null for all. Prefer <see cref="Features"/>, because distributions backport features.</summary>
    public string? MinimumKernel { get; set; }

    /// <summary>The features that the kernel must support; they are probed.</summary>
    public BpfFeature[] Features { get; set; } = [];

    /// <summary>The program types that the kernel must support.</summary>
    public BpfProgramType[] ProgramTypes { get; set; } = [];

    /// <summary>The map types that the kernel must support.</summary>
    public BpfMapType[] MapTypes { get; set; } = [];

    string? IFactAttribute.Skip => Skip ?? BpfTestNeeds.WhyNot(this);
}

/// <summary>The requirements of a test on the machine.</summary>
internal interface IBpfTestNeeds
{
    string[] Capabilities { get; }

    string? MinimumKernel { get; }

    BpfFeature[] Features { get; }

    BpfProgramType[] ProgramTypes { get; }

    BpfMapType[] MapTypes { get; }
}

/// <summary>Finds the reason why a test cannot run here. The results of probes are cached for the process, so that a thousand facts probe once.</summary>
internal static class BpfTestNeeds
{
    /// <summary>The variable that turns a missing requirement into a failure of the test, for a pipeline that must run all tests.</summary>
    internal const string RequiredVariable = "HYPERMESH_BPF_REQUIRED";

    /// <summary>The capabilities that a test requires by default.</summary>
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
        Capabilities wanted = names.Aggregate(Interop.Capabilities.None, static (all, name) => all | (CapabilityNames.Parse(name) ?? throw new ArgumentException($"'{name}' is not a capability of Linux. Write a name such as CAP_BPF.")));
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
            .Select(static answer => $"needs {answer.Subject}, and this kernel {(answer.State == BpfFeatureState.Absent ? "does not support it" : "refuses it")}: {answer.Detail}")
            .FirstOrDefault();
}
