using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>
/// An object as it lives in the kernel: its maps, globals, programs and links. It owns them all: disposing it ends the readers, then the links, the programs
/// and the maps, and whatever is used afterwards throws <see cref="ObjectDisposedException"/>.
/// </summary>
[DebuggerDisplay("{Name}: {Programs.Count} programs, {Links.Count} links")]
public sealed partial class BpfObject : IDisposable, IAsyncDisposable
{
    private readonly Dictionary<string, BpfMapDescriptor> _maps;
    private readonly Dictionary<string, BpfGlobalSection> _sections;
    private readonly ILogger _logger;
    private int _disposed;

    internal BpfObject(
        string name, IEnumerable<BpfMapDescriptor> maps, IEnumerable<BpfGlobalSection> sections, IReadOnlyList<BpfProgram> programs,
        IReadOnlyList<BpfRefusedProgram> refused, ILogger logger)
    {
        Name = name;
        _maps = maps.ToDictionary(map => map.Name, StringComparer.Ordinal);
        _sections = sections.ToDictionary(section => section.Name, StringComparer.Ordinal);
        Programs = programs;
        Refused = refused;
        _logger = logger;
    }

    /// <summary>The object's name.</summary>
    public string Name { get; }

    /// <summary>All programs, in file order; those switched off or refused are among them, not loaded.</summary>
    public IReadOnlyList<BpfProgram> Programs { get; }

    /// <summary>The optional programs the kernel refused, and why.</summary>
    public IReadOnlyList<BpfRefusedProgram> Refused { get; }

    /// <summary>The links attached now.</summary>
    public IReadOnlyList<BpfLink> Links => [.. Programs.SelectMany(program => program.Links)];

    /// <summary>A map by its name.</summary>
    /// <param name="name">The name in the C.</param>
    /// <exception cref="BpfException">There is none of that name.</exception>
    public BpfMapDescriptor GetMap(string name) => Find(_maps, name, "map");

    /// <summary>A section of globals by its name.</summary>
    /// <param name="name">The name, such as <c>.bss</c>.</param>
    /// <exception cref="BpfException">There is none of that name.</exception>
    public BpfGlobalSection GetSection(string name) => Find(_sections, name, "section of globals");

    /// <summary>A program by its name and type.</summary>
    /// <typeparam name="TProgram">The type its section asks for.</typeparam>
    /// <param name="name">The name of the C function.</param>
    /// <exception cref="BpfException">There is none of that name, or it is of another type.</exception>
    public TProgram GetProgram<TProgram>(string name)
        where TProgram : BpfProgram
    {
        BpfProgram found = Programs.FirstOrDefault(program => program.Name == name)
            ?? throw Missing("program", name, Programs.Select(program => program.Name));
        return found as TProgram
            ?? throw new BpfException($"Program {name} of {Name} (SEC(\"{found.SectionName}\")) is a {found.GetType().Name}, not a {typeof(TProgram).Name}.", Name, name);
    }

    /// <summary>Attaches every loaded program whose section says where, and that is not attached yet: all of them, or none and an exception that names the one that failed.</summary>
    /// <exception cref="BpfException">A program could not be attached; those this call had attached are detached again.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Attach()
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var attached = new List<BpfLink>();
        try
        {
            foreach (BpfProgram program in Programs)
            {
                if (program.IsLoaded && program.Links.Count == 0 && program.AutoAttach() is { } link)
                {
                    attached.Add(link);
                }
            }
        }
        catch
        {
            attached.ForEach(link => link.Dispose());
            throw;
        }
    }

    /// <summary>Ends the readers, detaches, unloads and closes. Once is enough; again does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        foreach (BpfMapDescriptor map in _maps.Values)
        {
            map.EndReaders();
        }

        foreach (BpfProgram program in Programs.Reverse())
        {
            program.Unload();
        }

        foreach (BpfMapDescriptor map in _maps.Values)
        {
            map.Dispose();
        }

        _logger.ObjectUnloaded(Name);
    }

    /// <inheritdoc cref="Dispose"/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private T Find<T>(Dictionary<string, T> all, string name, string kind)
        => all.TryGetValue(name, out T? found) ? found : throw Missing(kind, name, all.Keys);

    private BpfException Missing(string kind, string name, IEnumerable<string> there)
    {
        string names = string.Join(", ", there);
        return new BpfException($"{Name} has no {kind} {name}; it has {(names.Length == 0 ? "none" : names)}.", Name, name);
    }
}
