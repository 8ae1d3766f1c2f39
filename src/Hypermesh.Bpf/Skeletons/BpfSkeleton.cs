using System.Buffers;
using System.ComponentModel;
using System.Reflection;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Compatibility;

namespace Hypermesh.Bpf;

/// <summary>Base class of generated live skeletons. The skeleton owns its object; disposing either disposes both.</summary>
public abstract class BpfSkeleton : IDisposable, IAsyncDisposable
{
    /// <summary>Creates a skeleton of a loaded object.</summary>
    /// <param name="live">The object.</param>
    protected BpfSkeleton(BpfObject live)
    {
        ArgumentNullException.ThrowIfNull(live);
        Live = live;
    }

    /// <summary>The underlying object, whose members are found by name.</summary>
    public BpfObject Live { get; }

    /// <summary>The optional programs that the kernel rejected, with the reason.</summary>
    public IReadOnlyDictionary<string, BpfException> Refused => Live.Refused;

    /// <inheritdoc cref="BpfObject.Attach"/>
    public void Attach() => Live.Attach();

    /// <inheritdoc cref="BpfObject.HotReload"/>
    /// <exception cref="ArgumentException">The new version is of another skeleton.</exception>
    public BpfReload HotReload(BpfSkeletonSpec next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return next.GetType().DeclaringType == GetType()
            ? Live.HotReload(next.Object)
            : throw new ArgumentException($"{GetType().Name} cannot be reloaded from a {next.GetType().DeclaringType?.Name}.Spec: open one of its own, with a replacement for other C.", nameof(next));
    }

    /// <inheritdoc cref="BpfObject.Dispose"/>
    public void Dispose()
    {
        Live.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="BpfObject.Dispose"/>
    public async ValueTask DisposeAsync()
    {
        await Live.DisposeAsync().ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Returns the link of a program that is attached to one target; null if it is not attached.</summary>
    /// <param name="program">The program.</param>
    protected static BpfProgramLink? LinkOf(BpfProgram program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return program.FirstLink;
    }
}

/// <summary>Base class of generated specs: the object before it is loaded, which can be changed. Reading it needs no kernel and no capability.</summary>
public abstract class BpfSkeletonSpec
{
    /// <summary>Opens an object that is embedded in an assembly, without copying its bytes. Or uses a replacement, which is compared with it.</summary>
    /// <param name="abi">The skeleton ABI that the class was generated for.</param>
    /// <param name="sdkVersion">The version of Hypermesh.BpfSdk that generated it, for messages.</param>
    /// <param name="assembly">The assembly.</param>
    /// <param name="resourceName">The resource's name.</param>
    /// <param name="objectName">The object's name, for messages and for the kernel.</param>
    /// <param name="replacement">The object to use instead, such as the same C compiled again at run time; null for the embedded one.</param>
    /// <exception cref="BpfSkeletonAbiException">The class was generated for another version of this library.</exception>
    /// <exception cref="BpfException">The assembly has no such resource.</exception>
    /// <exception cref="BpfInterfaceException">The replacement does not have the maps, programs, variables and records that the class was generated for.</exception>
    /// <exception cref="BpfObjectFormatException">The object is damaged.</exception>
    protected BpfSkeletonSpec(int abi, string sdkVersion, Assembly assembly, string resourceName, string objectName, BpfObjectSpec? replacement = null)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        if (abi < SkeletonAbi.Oldest || abi > SkeletonAbi.Current)
        {
            throw new BpfSkeletonAbiException(objectName, assembly.GetName(), abi, sdkVersion);
        }

        BpfObjectSpec embedded = BpfObjectSpec.Read(EmbeddedObject.Open(assembly, EmbeddedObject.NameOf(resourceName, BitConverter.IsLittleEndian), objectName), objectName);
        if (replacement is not null && ObjectInterface.Differences(embedded, replacement) is { Count: > 0 } differences)
        {
            throw new BpfInterfaceException(objectName, replacement.Name, differences);
        }

        Object = replacement ?? embedded;
    }

    /// <summary>Throws: what calls it was generated before skeletons had an ABI, and has to be built again.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="resourceName">The resource's name.</param>
    /// <param name="objectName">The object's name.</param>
    /// <param name="replacement">The object to use instead.</param>
    /// <exception cref="BpfSkeletonAbiException">Always.</exception>
    [EditorBrowsable(EditorBrowsableState.Never)]
    protected BpfSkeletonSpec(Assembly assembly, string resourceName, string objectName, BpfObjectSpec? replacement = null)
        : this(0, "", assembly, resourceName, objectName, replacement)
    {
    }

    /// <summary>The object's spec, whose members are found by name.</summary>
    public BpfObjectSpec Object { get; }

    /// <inheritdoc cref="BpfPreflight.Check(BpfObjectSpec)"/>
    /// <returns>Everything that is missing.</returns>
    public BpfPreflight Preflight() => BpfPreflight.Check(Object);

    /// <summary>Loads the object with the changes made to its spec.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <exception cref="BpfException">The kernel rejected a call, or does not support the object; the derived type says why.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    protected BpfObject LoadObject(BpfLoadOptions? options) => BpfObject.Load(Object, options);

    /// <summary>Returns a map of the spec.</summary>
    /// <param name="name">Its name in the C.</param>
    protected BpfMapSpec GetMap(string name) => Object.Map(name);

    /// <summary>Returns a program of the spec.</summary>
    /// <param name="name">The name of the C function.</param>
    protected BpfProgramSpec GetProgram(string name) => Object.Program(name);

    /// <summary>Returns a data section of the spec.</summary>
    /// <param name="name">The name, such as <c>.rodata</c>.</param>
    protected BpfDataSectionSpec GetSection(string name) => Object.DataSection(name);
}

/// <summary>An object cannot replace the one that a class was generated from: code compiled for one would misread the other.</summary>
public sealed class BpfInterfaceException : BpfException
{
    internal BpfInterfaceException(string className, string objectName, IReadOnlyList<string> differences)
        : base(
            $"Object {objectName} does not match the class that was generated for {className}: {string.Join("; ", differences)}. Build the application with this C, or use an object with the interface that it was built with.",
            objectName,
            null)
        => Differences = differences;

    /// <summary>All differences, each as a part of a sentence, such as <c>the key of map 'counts' has 8 bytes and had 4</c>.</summary>
    public IReadOnlyList<string> Differences { get; }
}

/// <summary>
/// An assembly was built with another version of Hypermesh.BpfSdk than the Hypermesh.Bpf that runs, and its generated code calls members which this one does not have. The message
/// names what to build again or which package to update.
/// </summary>
public sealed class BpfSkeletonAbiException : BpfException
{
    private const int BeforeThereWasOne = 0;

    internal BpfSkeletonAbiException(string objectName, AssemblyName assembly, int abi, string sdkVersion)
        : base(Describe(objectName, assembly, abi, sdkVersion), objectName, null)
    {
        AssemblyName = assembly.Name ?? "";
        Abi = abi;
        SdkVersion = sdkVersion;
    }

    /// <summary>The name of the assembly with the generated code.</summary>
    public string AssemblyName { get; }

    /// <summary>The skeleton ABI of the generated code; 0 where it was generated before there was one.</summary>
    public int Abi { get; }

    /// <summary>The version of Hypermesh.BpfSdk that generated it; empty where the code does not say.</summary>
    public string SdkVersion { get; }

    private static string Describe(string objectName, AssemblyName assembly, int abi, string sdkVersion)
    {
        int oldest = SkeletonAbi.Oldest, current = SkeletonAbi.Current;
        string library = LibraryVersion();
        string built = abi == BeforeThereWasOne
            ? "a Hypermesh.BpfSdk that did not number its generated code"
            : $"Hypermesh.BpfSdk {sdkVersion}, which generates skeleton ABI {abi}";
        string runs = oldest == current ? $"{current}" : $"{oldest} to {current}";
        string remedy = abi < oldest
            ? $"Build {assembly.Name} again with Hypermesh.BpfSdk {library}, or use a version of it that was built so."
            : $"Reference the package Hypermesh.Bpf {sdkVersion} or newer in the application.";
        return $"Object {objectName}: {assembly.Name} {assembly.Version} was built with {built}. The Hypermesh.Bpf that runs is {library} and runs skeleton ABI {runs}. {remedy}";
    }

    // The version of the package: what follows the plus sign is the commit.
    private static string LibraryVersion()
    {
        Assembly library = typeof(BpfSkeletonAbiException).Assembly;
        string version = library.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? library.GetName().Version!.ToString(3);
        return version.Split('+')[0];
    }
}

/// <summary>A resource of a loaded assembly as memory: the assembly's image is mapped, so nothing is copied.</summary>
internal static class EmbeddedObject
{
    /// <summary>The resource for a machine's byte order: a file built with <c>Endianness="both"</c> has a second one.</summary>
    internal static string NameOf(string resourceName, bool isLittleEndian) => isLittleEndian ? resourceName : resourceName + ".be";

    internal static unsafe ReadOnlyMemory<byte> Open(Assembly assembly, string resourceName, string objectName)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        Stream stream = assembly.GetManifestResourceStream(resourceName)
            ?? throw new BpfException($"{assembly.GetName().Name} has no resource \"{resourceName}\" with the compiled object: rebuild it.", objectName, null);
        if (stream is UnmanagedMemoryStream mapped)
        {
            return new ResourceMemory(mapped, (nint)mapped.PositionPointer, checked((int)mapped.Length)).Memory;
        }

        // Hosts without a mapped image of the assembly (collectible assemblies, single files) return a plain stream.
        using (stream)
        {
            byte[] image = new byte[stream.Length];
            stream.ReadExactly(image);
            return image;
        }
    }
}

/// <summary>A resource's bytes in place. Holding the stream holds the assembly, and the assembly holds the bytes.</summary>
internal sealed unsafe class ResourceMemory(UnmanagedMemoryStream stream, nint address, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan()
    {
        GC.KeepAlive(stream);
        return new((void*)address, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)address + elementIndex, default, this);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            stream.Dispose();
        }
    }
}
