using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>
/// A loaded object: its programs, maps and globals, by the names they have in C. Generated bindings wrap it; tools use it as it is.
/// It owns all of them, and every link made through them.
/// </summary>
public sealed class BpfObject : IDisposable, IAsyncDisposable
{
    private readonly ObjectParts _parts;
    private readonly ILogger _logger;
    private readonly (string Section, IReadOnlyList<BpfGlobalVariable> Variables)[] _globals;
    private bool _disposed;

    internal BpfObject(IKernel kernel, BpfObjectSpec spec, ObjectParts parts, ILogger logger)
    {
        Kernel = kernel;
        Name = spec.Name;
        _parts = parts;
        _logger = logger;
        _globals = [.. spec.DataSections.Append(spec.KernelConfig).OfType<BpfDataSectionSpec>().Select(static section => (section.Name, section.Variables))];
        Programs = [.. parts.Programs.Values];
    }

    /// <summary>The object's name.</summary>
    public string Name { get; }

    /// <summary>All programs, in file order, loaded or not.</summary>
    public IReadOnlyList<BpfProgram> Programs { get; }

    /// <summary>The maps of the C, loaded or left out; not those of the globals.</summary>
    public IReadOnlyCollection<BpfMapHandle> Maps => _parts.Maps.Values;

    /// <summary>The struct_ops maps (<c>struct_ops</c>), loaded or left out.</summary>
    public IReadOnlyList<BpfStructOps> StructOps => [.. _parts.StructOps.Values];

    /// <summary>The optional programs the kernel refused, with the reason.</summary>
    public IReadOnlyList<BpfRefusedProgram> Refused => _parts.Refused;

    /// <summary>The links that are attached now.</summary>
    public IReadOnlyList<BpfProgramLink> Links => [.. Programs.SelectMany(static program => program.Links)];

    internal IKernel Kernel { get; }

    /// <summary>Loads an object into the kernel. All or nothing.</summary>
    /// <param name="spec">The object, edited as wished; it may be loaded again.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The live object; the caller disposes it.</returns>
    /// <remarks>Needs CAP_BPF, and CAP_PERFMON for tracing or CAP_NET_ADMIN for networking programs (before 5.8 CAP_SYS_ADMIN).</remarks>
    /// <exception cref="BpfVerifierException">The verifier refused a program.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks what the object needs.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="BpfObjectFormatException">The object is damaged.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfObject Load(BpfObjectSpec spec, BpfLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        options ??= new BpfLoadOptions();
        if (options.Kernel is null && !OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException($"Object {spec.Name} can be loaded on Linux only.");
        }

        return ObjectLoader.Load(spec, options);
    }

    /// <summary>A map by its name in C.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The map, to make a typed view of.</returns>
    /// <exception cref="BpfException">There is none of that name.</exception>
    public BpfMapHandle GetMap(string name) => Find(_parts.Maps, name, "map");

    /// <summary>The live globals of a section. One whose variables are all <c>static</c> or <c>__hidden</c> is the object's own, and not there.</summary>
    /// <param name="name">The section, such as <c>.bss</c>.</param>
    /// <returns>The section.</returns>
    /// <exception cref="BpfException">There is none of that name.</exception>
    public BpfGlobalSection GetSection(string name) => Find(_parts.Sections, name, "section of globals");

    /// <summary>Where a global variable is.</summary>
    /// <param name="variable">Its name in C.</param>
    /// <param name="offset">Its first byte within the section.</param>
    /// <returns>The live section it is in.</returns>
    /// <exception cref="BpfException">There is none of that name.</exception>
    public BpfGlobalSection SectionOf(string variable, out int offset)
    {
        foreach ((string section, IReadOnlyList<BpfGlobalVariable> variables) in _globals)
        {
            foreach (BpfGlobalVariable one in variables)
            {
                if (!one.IsStatic && one.Name == variable)
                {
                    offset = one.Offset;
                    return GetSection(section);
                }
            }
        }

        throw new BpfException($"Object {Name} has no global variable '{variable}'.", Name, variable);
    }

    /// <summary>A program by its function's name.</summary>
    /// <typeparam name="TProgram">Its kind, which the section decides.</typeparam>
    /// <param name="name">The name.</param>
    /// <returns>The program.</returns>
    /// <exception cref="BpfException">There is none of that name, or it is of another kind.</exception>
    public TProgram GetProgram<TProgram>(string name)
        where TProgram : BpfProgram
    {
        BpfProgram program = Find(_parts.Programs, name, "program");
        return program as TProgram
            ?? throw new BpfException($"Program {name} of {Name} is a {program.GetType().Name}, not a {typeof(TProgram).Name}.", Name, name);
    }

    /// <summary>An struct_ops map by its variable's name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The table.</returns>
    /// <exception cref="BpfException">There is none of that name.</exception>
    public BpfStructOps GetStructOps(string name) => Find(_parts.StructOps, name, "operations table");

    /// <summary>
    /// Attaches every loaded program whose section says where, and registers every struct_ops map. All or nothing: when one fails, those attached by this call are detached.
    /// Programs that ask for an argument (a network device, a socket) are attached through their own handle.
    /// </summary>
    /// <exception cref="BpfException">A program could not be attached; the message names it.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Attach()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var attached = new List<IDisposable>();
        try
        {
            foreach (BpfProgram program in Programs.Where(static program => program.IsLoaded))
            {
                if (program.AutoAttach() is { } link)
                {
                    attached.Add(link);
                }
                else if (program.Type != BpfProgramType.StructOps)
                {
                    _logger.NotAutoAttached(program.Name, program.SectionName);
                }
            }

            foreach (BpfStructOps table in StructOps.Where(static table => table.Map.IsCreated && table.Link is null))
            {
                attached.Add(table.Attach());
            }
        }
        catch (Exception reason)
        {
            for (int i = attached.Count - 1; i >= 0; i--)
            {
                Teardown.Undo(reason, attached[i]);
            }

            throw;
        }
    }

    /// <summary>
    /// Pins every map (those of the globals too) and every loaded program in one directory of the BPF file system (4.4), each by its name, with <c>_</c> in place of a dot:
    /// they stay after this process has ended. All or nothing; links are pinned one by one (<see cref="BpfLink.Pin"/>).
    /// </summary>
    /// <param name="directory">The directory, such as <c>/sys/fs/bpf/mine</c>; it is made where only it is missing.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: a name is taken. As <see cref="BpfPermissionException"/> where there is no BPF file system.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Pin(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectPinning.Pin(_parts, directory);
    }

    /// <summary>Removes the pins of <see cref="Pin"/>. What was pinned stays while anyone holds it.</summary>
    /// <param name="directory">The directory; it stays.</param>
    /// <exception cref="BpfSyscallException">A pin does not exist (ENOENT), or may not be removed. All others are removed; of several failures this is the first.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Unpin(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectPinning.Unpin(_parts, directory);
    }

    /// <summary>
    /// Detaches everything, then closes programs, maps and globals. What is used afterwards throws <see cref="ObjectDisposedException"/>. A part that fails to
    /// end does not stop the others: failures are thrown at the end, several as an <see cref="AggregateException"/>.
    /// </summary>
    public void Dispose()
    {
        bool first = !Interlocked.Exchange(ref _disposed, true);
        var teardown = default(Teardown);
        teardown.End(_parts);
        if (first)
        {
            teardown.Do(this, static one => one._logger.ObjectUnloaded(one.Name));
        }

        teardown.Report();
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private T Find<T>(IDictionary<string, T> all, string name, string what)
        => all.TryGetValue(name, out T? found)
            ? found
            : throw new BpfException($"Object {Name} has no {what} '{name}'; it has {(all.Count == 0 ? "none" : string.Join(", ", all.Keys))}.", Name, name);
}

/// <summary>An optional program the kernel refused, so that the object was loaded without it.</summary>
/// <param name="Name">The program.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record BpfRefusedProgram(string Name, BpfException Reason);
