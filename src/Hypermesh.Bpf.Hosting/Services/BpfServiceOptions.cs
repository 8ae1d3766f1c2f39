using Microsoft.Extensions.Primitives;

namespace Hypermesh.Bpf.Hosting;

/// <summary>The options of <see cref="HypermeshObjectExtensions"/>.</summary>
public sealed class BpfServiceOptions
{
    /// <summary>Where the object stays when the application ends, and where the next start takes it over; null to end with the application.</summary>
    public BpfHandover? Handover { get; init; }

    /// <summary>
    /// Gives a token of a change, after which the object is opened anew and replaces the running version (<see cref="BpfObject.HotReload"/>), such as <c>provider => provider.GetRequiredService&lt;IConfiguration&gt;().GetReloadToken()</c>;
    /// null for no reload. A version that the kernel rejects is logged, makes the health check degraded, and leaves the running one.
    /// </summary>
    public Func<IServiceProvider, IChangeToken>? ReloadOn { get; init; }

    /// <summary>
    /// The capabilities that the process keeps once all objects of the application are attached, such as none, or CAP_BPF and CAP_PERFMON for <see cref="ReloadOn"/>; null to keep all. A kernel before 5.19
    /// would then deny the use of open maps and programs: there all capabilities are kept, and a warning is logged. See <see cref="BpfPrivileges.Drop"/>.
    /// </summary>
    public IReadOnlyList<string>? KeepCapabilities { get; init; }
}
