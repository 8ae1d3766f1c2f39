using Hypermesh.Bpf.Hooks.StructOps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf;

/// <summary>
/// A struct_ops map of a live object, such as a TCP congestion control (5.6): its programs are loaded, and registering it makes the kernel call them. The object owns
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
        Set = spec.Members.Where(member => member.IsFunction ? member.Program is not null : spec.Image.Slice(member.Offset, member.Size).ContainsAnyExcept((byte)0)).Select(static member => member.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The variable's name in C.</summary>
    public string Name => Map.Name;

    /// <summary>The struct's name in C.</summary>
    public string TypeName { get; }

    /// <summary>True when it is registered by a link (<c>SEC(".struct_ops.link")</c>, 6.4).</summary>
    public bool IsLink { get; }

    /// <summary>The map in the kernel; not created if the spec leaves it out.</summary>
    public BpfMapHandle Map { get; }

    /// <summary>The registration; null while there is none.</summary>
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

    /// <summary>Registers the struct_ops map. Needs CAP_BPF before 5.19; from 5.19 on, no capability beyond those for loading.</summary>
    /// <returns>The registration. The object keeps it; dropping it does not detach it.</returns>
    /// <exception cref="BpfException">It is already registered, or the spec leaves it out.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call: a required function is missing (EINVAL), or another struct_ops map with the same name is registered (EEXIST).</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfStructOpsLink Attach()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (_link is not null)
            {
                throw new BpfException(
                    $"{TypeName} {Name} is already registered: Attach was called before. Use the registration in Link, or dispose it before the next call{(IsLink ? "; to register another map in its place, call Update on it" : "")}.",
                    Map.ObjectName, Name);
            }

            return _link = new BpfStructOpsLink(this, StructOpsCalls.Register(this, _value));
        }
    }

    /// <summary>
    /// Associates a program of another type with this struct_ops map (7.0): kernel functions that the program calls act on the map. The program holds the map until
    /// it is unloaded, and cannot be associated with another.
    /// </summary>
    /// <param name="program">The program, such as a syscall program or a tracing program; not a struct_ops program.</param>
    /// <exception cref="BpfException">The program is not loaded, or the spec leaves the struct_ops map out.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call: the program already has another struct_ops map (EBUSY), or is itself a struct_ops program (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">One of the two objects is disposed.</exception>
    public void Associate(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        StructOpsCalls.Associate(this, program);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{TypeName} {Name}";

    internal ReadOnlySpan<byte> Value => _value;

    /// <summary>The members that have a program or a value.</summary>
    internal IReadOnlySet<string> Set { get; }

    internal void Keep(BpfStructOpsLink link)
    {
        lock (_gate)
        {
            _link = link;
        }
    }

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
