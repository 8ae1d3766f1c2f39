using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>
/// A loaded object: its programs, maps and globals, by their names in C. Generated bindings wrap it; tools use it directly.
/// It owns all of them, and every link made through them.
/// </summary>
public sealed class BpfObject : IDisposable, IAsyncDisposable
{
    private readonly ObjectParts _parts;
    private bool _disposed;

    internal BpfObject(IKernel kernel, BpfObjectSpec spec, BpfLoadOptions options, ObjectParts parts, ILogger logger)
    {
        Kernel = kernel;
        Spec = spec;
        Version = options.Reloadable || options.Handover is not null ? new SpecVersion(spec).Remember() : new SpecVersion(spec);
        Options = options;
        Logger = logger;
        _parts = parts;
    }

    /// <summary>The object's name.</summary>
    public string Name => Spec.Name;

    /// <summary>All programs, in file order, loaded or not.</summary>
    public IReadOnlyList<BpfProgram> Programs => [.. _parts.Programs.Values];

    /// <summary>The maps that the C declares, loaded or left out; without the maps of data sections.</summary>
    public IReadOnlyCollection<BpfMapHandle> Maps => _parts.Maps.Values;

    /// <summary>The struct_ops maps (<c>struct_ops</c>), loaded or left out.</summary>
    public IReadOnlyList<BpfStructOps> StructOps => [.. _parts.StructOps.Values];

    /// <summary>The optional programs that the kernel rejected, so that the object was loaded without them, by name; each with the reason.</summary>
    public IReadOnlyDictionary<string, BpfException> Refused => _parts.Refused;

    /// <summary>The links that are attached now.</summary>
    public IReadOnlyList<BpfProgramLink> Links => [.. Programs.SelectMany(static program => program.Links)];

    /// <summary>What became of a predecessor's programs and maps, where the object took its place (<see cref="BpfLoadOptions.Handover"/>); null where there was none.</summary>
    public BpfReload? Adopted { get; internal set; }

    internal IKernel Kernel { get; }

    internal ILogger Logger { get; }

    internal BpfLoadOptions Options { get; }

    /// <summary>What it was loaded from, or last reloaded from.</summary>
    internal BpfObjectSpec Spec { get; set; }

    /// <summary>What is known of the version that runs.</summary>
    internal ObjectVersion Version { get; set; }

    /// <summary>The pins that it leaves to a successor; null for none.</summary>
    internal HandoverPins? Pins { get; private set; }

    /// <summary>Serializes reloads and the end.</summary>
    internal Lock Gate { get; } = new();

    /// <summary>Its parts. Only a reload changes them, under <see cref="Gate"/>.</summary>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    internal ObjectParts Parts
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _parts;
        }
    }

    /// <summary>Loads an object into the kernel. All or nothing.</summary>
    /// <param name="spec">The object, with any changes made to its spec; it can be loaded again.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The live object; the caller disposes it.</returns>
    /// <remarks>Needs CAP_BPF, and CAP_PERFMON for tracing or CAP_NET_ADMIN for networking programs (before 5.8 CAP_SYS_ADMIN).</remarks>
    /// <exception cref="BpfVerifierException">The verifier rejected a program.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy denies the load.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel does not support what the object needs.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="BpfObjectFormatException">The object is damaged.</exception>
    /// <exception cref="BpfException">The folder of <see cref="BpfLoadOptions.Handover"/> is in use, is not in a BPF file system, has a manifest that cannot be read, or pins that it does not name.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfObject Load(BpfObjectSpec spec, BpfLoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        options ??= new BpfLoadOptions();
        if (options.Kernel is null && !OperatingSystem.IsLinux())
        {
            throw new PlatformNotSupportedException($"Object {spec.Name} can only be loaded on Linux.");
        }

        return ObjectLoader.Load(spec, options);
    }

    /// <summary>Returns a map by its name in C.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The map, from which a typed view can be created.</returns>
    /// <exception cref="BpfException">The object has nothing with that name.</exception>
    public BpfMapHandle GetMap(string name) => Find(_parts.Maps, name, "map");

    /// <summary>Returns a data section by name. A section whose variables are all <c>static</c> or <c>__hidden</c> is internal to the object and cannot be found.</summary>
    /// <param name="name">The section, such as <c>.bss</c>.</param>
    /// <returns>The section.</returns>
    /// <exception cref="BpfException">The object has nothing with that name.</exception>
    public BpfGlobalSection GetSection(string name) => Find(_parts.Sections, name, "data section");

    /// <summary>Finds the section of a global variable.</summary>
    /// <param name="variable">Its name in C.</param>
    /// <param name="offset">Its offset in the section, in bytes.</param>
    /// <returns>The data section.</returns>
    /// <exception cref="BpfException">The object has nothing with that name.</exception>
    public BpfGlobalSection SectionOf(string variable, out int offset)
    {
        foreach (BpfDataSectionSpec section in Spec.DataSections.Append(Spec.KernelConfig).OfType<BpfDataSectionSpec>())
        {
            foreach (BpfGlobalVariable one in section.Variables)
            {
                if (!one.IsStatic && one.Name == variable)
                {
                    offset = one.Offset;
                    return GetSection(section.Name);
                }
            }
        }

        throw new BpfException($"Object {Name} has no global variable '{variable}'.", Name, variable);
    }

    /// <summary>Returns a program by its function's name.</summary>
    /// <typeparam name="TProgram">The class of the program, which the section determines.</typeparam>
    /// <param name="name">The name.</param>
    /// <returns>The program.</returns>
    /// <exception cref="BpfException">There is no program with that name, or it is of another class.</exception>
    public TProgram GetProgram<TProgram>(string name)
        where TProgram : BpfProgram
    {
        BpfProgram program = Find(_parts.Programs, name, "program");
        return program as TProgram
            ?? throw new BpfException($"Program {name} of {Name} is a {program.GetType().Name}, not a {typeof(TProgram).Name}.", Name, name);
    }

    /// <summary>Returns a struct_ops map by its variable's name.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The struct_ops map.</returns>
    /// <exception cref="BpfException">The object has nothing with that name.</exception>
    public BpfStructOps GetStructOps(string name) => Find(_parts.StructOps, name, "struct_ops map");

    /// <summary>
    /// Attaches every loaded program whose section names its target, and registers every struct_ops map. All or nothing: if one fails, those attached by this call are detached.
    /// Programs that need an argument (a network device, a socket) are attached through their own class.
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
                IReadOnlyList<BpfProgramLink> before = program.Links;
                if (program.AutoAttach() is { } link)
                {
                    // One that a predecessor has left is not detached by a failure.
                    attached.AddRange(before.Contains(link) ? [] : [link]);
                }
                else if (program.Type != BpfProgramType.StructOps)
                {
                    Logger.NotAutoAttached(program.Name, program.SectionName);
                }
            }

            foreach (BpfStructOps structOps in StructOps.Where(static structOps => structOps.Map.IsCreated && structOps.Link is null))
            {
                attached.Add(structOps.Attach());
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
    /// Replaces the programs of a running object by those of a new version, while they are attached. Maps and data sections whose types, sizes and flags are equal are kept with their content. If one
    /// changed, a new one is created, and the old one can be read through <see cref="BpfMapReload.Aside"/>. A version that the kernel refuses leaves the running one as it was. Two reloads at once follow each other.
    /// </summary>
    /// <remarks>
    /// Programs are found by name. Where the kernel can give a link another program (XDP, TCX, netkit, control groups, socket lookup, iterators, socket maps), it does, and only in place of the expected one.
    /// Tracing programs and netfilter are exchanged behind a dispatcher when the object was loaded with <see cref="BpfLoadOptions.Reloadable"/>: each event goes to the old or to the new program. What the
    /// kernel itself did not run is counted as before (<see cref="BpfRunStatistics.RecursionMisses"/>). Everything else is attached anew before the old one is detached, and the report says how many events both may have seen.
    /// Several programs are exchanged one after the other, not in one instant. Needs what loading and attaching need.
    /// </remarks>
    /// <param name="next">The new version.</param>
    /// <returns>What became of each program and map.</returns>
    /// <exception cref="BpfVerifierException">The verifier rejected a new program; the old version runs on.</exception>
    /// <exception cref="BpfException">The new version cannot be loaded or attached for another reason; the old version runs on.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public BpfReload HotReload(BpfObjectSpec next)
    {
        ArgumentNullException.ThrowIfNull(next);
        lock (Gate)
        {
            return new Reloader(this, next).Run();
        }
    }

    /// <summary>
    /// Pins every map (including those of data sections) and every loaded program in one directory of the BPF file system (4.4), each by its name, with <c>_</c> instead of a dot:
    /// they stay loaded after this process ends. All or nothing; links are pinned one by one (<see cref="BpfLink.Pin"/>).
    /// </summary>
    /// <param name="directory">The directory, such as <c>/sys/fs/bpf/mine</c>; it is created if only it is missing.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EEXIST: a name is taken. As <see cref="BpfPermissionException"/> if the path is not in a BPF file system.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Pin(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectPinning.Pin(_parts, directory);
    }

    /// <summary>Removes the pins of <see cref="Pin"/>. The pinned objects stay loaded as long as others hold them.</summary>
    /// <param name="directory">The directory, which is not removed.</param>
    /// <exception cref="BpfSyscallException">A pin does not exist (ENOENT), or cannot be removed. All others are removed; the exception is for the first failure.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Unpin(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ObjectDisposedException.ThrowIf(_disposed, this);
        ObjectPinning.Unpin(_parts, directory);
    }

    /// <summary>Removes the pins of an object that was loaded with <see cref="BpfLoadOptions.Handover"/>, and their folder: no successor takes it over, and it ends when it is disposed.</summary>
    /// <exception cref="BpfException">It was loaded without, or is withdrawn already.</exception>
    /// <exception cref="BpfSyscallException">A pin cannot be removed.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Withdraw()
    {
        lock (Gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            using HandoverPins pins = Pins ?? throw new BpfException($"{Name} was loaded without BpfLoadOptions.Handover, or is withdrawn already: there is nothing to withdraw.", Name, null);
            pins.Withdraw();
            Pins = null;
            Keep(_parts);
        }
    }

    /// <summary>Keeps the pins, of all links from now on too.</summary>
    internal void Keep(HandoverPins pins)
    {
        Pins = pins;
        Keep(_parts);
    }

    internal void Keep(ObjectParts parts)
    {
        foreach (BpfProgram program in parts.Programs.Values)
        {
            program.Keeper = Pins;
        }
    }

    /// <summary>
    /// Detaches everything, except what was loaded with <see cref="BpfLoadOptions.Handover"/> and stays for a successor, then closes programs, maps and data sections. Using a part afterwards throws <see cref="ObjectDisposedException"/>. A part that fails to
    /// close does not stop the others: failures are thrown at the end, several as an <see cref="AggregateException"/>.
    /// </summary>
    public void Dispose()
    {
        var teardown = default(Teardown);
        lock (Gate)
        {
            bool first = !_disposed;
            _disposed = true;
            Pins?.Leave();
            teardown.End(_parts);
            teardown.End(Pins);
            if (first)
            {
                teardown.Do(this, static one => one.Logger.ObjectUnloaded(one.Name));
            }
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
