using Hypermesh.Bpf.Hooks.StructOps;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>A registered struct_ops table. The live object keeps it; disposing it unregisters the table.</summary>
public sealed class BpfStructOpsLink : IDisposable
{
    private readonly Lock _gate = new();
    private readonly BpfHandle? _link;
    private BpfStructOps? _table;

    internal BpfStructOpsLink(BpfStructOps table, BpfHandle? link)
    {
        _table = table;
        _link = link;
        Table = table;
    }

    /// <summary>The table that is registered now.</summary>
    public BpfStructOps Table { get; private set; }

    /// <summary>False once it is detached.</summary>
    public bool IsAttached => Volatile.Read(ref _table) is not null;

    /// <summary>The kernel's ID of the link, as <c>bpftool link</c> shows it; null for a table that is registered without one.</summary>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public uint? Id
    {
        get
        {
            ObjectDisposedException.ThrowIf(!IsAttached, this);
            return _link is null ? null : ObjectInfo.Link(_link).Id;
        }
    }

    /// <summary>
    /// Replaces this table by another, at once: sockets and the like that use it switch to the new functions (6.4, and only where the kind of table allows
    /// it). Both must be of the same kind, in <c>SEC(".struct_ops.link")</c>; TCP congestion controls must have the same name.
    /// </summary>
    /// <param name="table">The new table; it must stay loaded as long as it is in use.</param>
    /// <exception cref="BpfException">This one was registered without a link.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused: the kinds or names differ (EINVAL), this kind cannot be replaced (EOPNOTSUPP).</exception>
    /// <exception cref="ObjectDisposedException">It is detached.</exception>
    public void Update(BpfStructOps table)
    {
        ArgumentNullException.ThrowIfNull(table);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(!IsAttached, this);
            if (_link is null)
            {
                throw new BpfException($"{Table} is registered without a link and cannot be updated; put it into SEC(\".struct_ops.link\").", Table.Map.ObjectName, Table.Name);
            }

            StructOpsCalls.Update(_link, table);
            Table = table;
        }
    }

    /// <summary>Unregisters the table. A second call does nothing.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_table is not { } table)
            {
                return;
            }

            Volatile.Write(ref _table, null);
            var teardown = default(Teardown);
            if (_link is null)
            {
                teardown.Do(table.Map, static map => StructOpsCalls.Unregister(map));
            }
            else
            {
                teardown.End(_link);
            }

            table.Forget();
            teardown.Report();
        }
    }
}
