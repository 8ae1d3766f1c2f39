using Hypermesh.Bpf.Hooks.StructOps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A registered struct_ops map. The live object keeps it; disposing it unregisters the map.</summary>
public sealed class BpfStructOpsLink : BpfLink
{
    private BpfStructOps _keeper;

    internal BpfStructOpsLink(BpfStructOps structOps, LinkResource resource)
        : base(structOps.TypeName, resource)
    {
        _keeper = structOps;
        StructOps = structOps;
    }

    /// <summary>The struct_ops map that is registered now.</summary>
    public BpfStructOps StructOps { get; private set; }

    private protected override IKernel Kernel => StructOps.Map.Kernel;

    private protected override string Subject => StructOps.ToString();

    private protected override string SubjectName => StructOps.Name;

    private protected override string? ObjectName => StructOps.Map.ObjectName;

    /// <summary>
    /// Replaces the map with another atomically: sockets and other users of it switch to the new functions (6.4, and only if the kernel's type supports
    /// that). Both must be of the same type, in <c>SEC(".struct_ops.link")</c>; TCP congestion controls must have the same name.
    /// </summary>
    /// <param name="structOps">The new struct_ops map; it must stay loaded as long as it is in use.</param>
    /// <exception cref="BpfException">This struct_ops map was registered without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call: the types or names differ (EINVAL), this type cannot be replaced (EOPNOTSUPP).</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void Update(BpfStructOps structOps)
    {
        ArgumentNullException.ThrowIfNull(structOps);
        lock (Gate)
        {
            BpfHandle link = Attached.LinkHandle
                ?? throw new BpfException($"{StructOps} is registered without a link and cannot be updated: declare it in SEC(\".struct_ops.link\").", ObjectName, SubjectName);
            StructOpsCalls.Update(link, structOps);
            StructOps = structOps;
        }
    }

    /// <summary>Makes a new version of the struct_ops map the one that keeps it.</summary>
    internal void MoveTo(BpfStructOps next)
    {
        lock (Gate)
        {
            _keeper.Forget();
            _keeper = next;
            next.Keep(this);
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        lock (Gate)
        {
            if (TakeResource() is not { } resource)
            {
                return;
            }

            // The one that keeps it drops it, whichever map is registered now.
            var teardown = default(Teardown);
            teardown.End(resource);
            _keeper.Forget();
            teardown.Report();
        }
    }
}
