using System.Runtime.CompilerServices;
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
