using System.Reflection;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf;

/// <summary>What generated specs have in common: the object before it is loaded, open to change. Reading it needs no kernel and no privilege.</summary>
public abstract class BpfSkeletonSpec
{
    /// <summary>Opens an object that is embedded in an assembly; its bytes are read where they lie.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="resourceName">The resource's name.</param>
    /// <param name="objectName">The object's name, for messages and for the kernel.</param>
    /// <exception cref="BpfException">The assembly has no such resource.</exception>
    /// <exception cref="BpfObjectFormatException">The object is damaged.</exception>
    protected BpfSkeletonSpec(Assembly assembly, string resourceName, string objectName)
        : this(BpfObjectSpec.Read(EmbeddedObject.Open(assembly, EmbeddedObject.NameOf(resourceName, BitConverter.IsLittleEndian), objectName), objectName))
    {
    }

    /// <summary>Takes a spec that was read elsewhere, such as from a file built at run time.</summary>
    /// <param name="spec">The spec.</param>
    protected BpfSkeletonSpec(BpfObjectSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        Object = spec;
    }

    /// <summary>The object, by names.</summary>
    public BpfObjectSpec Object { get; }

    /// <inheritdoc cref="BpfPreflight.Of(BpfObjectSpec)"/>
    /// <returns>All that is missing at once.</returns>
    public BpfPreflight Preflight() => BpfPreflight.Of(Object);

    /// <summary>Loads the object as it is now.</summary>
    /// <param name="options">How, null for the usual way.</param>
    /// <exception cref="BpfException">The kernel refused, or the object does not fit it; the derived type says why.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    protected BpfObject LoadObject(BpfLoadOptions? options) => BpfObject.Load(Object, options);

    /// <summary>A map of the spec.</summary>
    /// <param name="name">Its name in the C.</param>
    protected MapSpec GetMap(string name) => Object.Map(name);

    /// <summary>A program of the spec.</summary>
    /// <param name="name">The name of the C function.</param>
    protected ProgramSpec GetProgram(string name) => Object.Program(name);

    /// <summary>A section of globals of the spec.</summary>
    /// <param name="name">The name, such as <c>.rodata</c>.</param>
    protected DataSectionSpec GetSection(string name) => Object.DataSection(name);
}
