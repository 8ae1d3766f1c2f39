using Hypermesh.Bpf.Hooks.StructOps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf;

/// <summary>
/// An operations table of a live object, such as a TCP congestion control (5.6): its programs are loaded, and registering it makes the kernel call them. The object owns
/// it and its registration.
/// </summary>
public sealed class BpfStructOps
{
    private readonly Lock _gate = new();
    private readonly byte[] _value;
    private BpfStructOpsLink? _link;
    private bool _ended;

    internal BpfStructOps(BpfMapHandle map, BpfStructOpsSpec spec, byte[] value)
    {
        Map = map;
        TypeName = spec.TypeName;
        IsLink = spec.IsLink;
        _value = value;
    }

    /// <summary>The variable's name in C.</summary>
    public string Name => Map.Name;

    /// <summary>The struct's name in C.</summary>
    public string TypeName { get; }

    /// <summary>True when it is registered by a link (<c>SEC(".struct_ops.link")</c>, 6.4).</summary>
    public bool IsLink { get; }

    /// <summary>The kernel's map of it; not created where the spec leaves the table out.</summary>
    public BpfMapHandle Map { get; }

    /// <summary>The registration, null while there is none.</summary>
    public BpfStructOpsLink? Link
    {
        get
        {
            lock (_gate)
            {
                return _link;
            }
        }
    }

    /// <summary>Registers the table. Needs CAP_BPF before 5.19, and nothing beyond what loading took since.</summary>
    /// <returns>The registration. The object keeps it; dropping it is no detaching.</returns>
    /// <exception cref="BpfException">It is registered already, or the spec left it out.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused: a function it must have is missing (EINVAL), another table of the same name is registered (EEXIST).</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfStructOpsLink Attach()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_link is not null)
            {
                throw new BpfException($"{TypeName} {Name} is registered already.", Map.ObjectName, Name);
            }

            return _link = new BpfStructOpsLink(this, StructOpsCalls.Register(this, _value));
        }
    }

    /// <summary>
    /// Makes this the table a program of another kind works for (7.0): kernel functions the program calls act on it. For good: the program holds the table until
    /// it is unloaded, and takes no other.
    /// </summary>
    /// <param name="program">The program: a syscall program, a tracing program, not a function of a table.</param>
    /// <exception cref="BpfException">The program is not loaded, or the spec left the table out.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused: it has another table already (EBUSY), or is a function of one itself (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">One of the two objects is disposed.</exception>
    public void Associate(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        StructOpsCalls.Associate(this, program);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{TypeName} {Name}";

    internal ReadOnlySpan<byte> Value => _value;

    internal void Forget()
    {
        lock (_gate)
        {
            _link = null;
        }
    }

    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
        }

        Link?.Dispose();
    }
}
