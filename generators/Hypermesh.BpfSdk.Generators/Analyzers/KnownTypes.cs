using Microsoft.CodeAnalysis;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>The library's types as one compilation sees them, looked up once when its analysis begins.</summary>
internal sealed class KnownTypes
{
    private const string Library = "Hypermesh.Bpf.";

    private KnownTypes(Compilation compilation, INamedTypeSymbol skeleton, INamedTypeSymbol @object)
    {
        Skeleton = skeleton;
        Object = @object;
        SkeletonSpec = compilation.GetTypeByMetadataName(Library + "BpfSkeletonSpec");
        BpfMapSpec = compilation.GetTypeByMetadataName(Library + "Objects.BpfMapSpec");
        Map = compilation.GetTypeByMetadataName(Library + "BpfMap");
        MapHandle = compilation.GetTypeByMetadataName(Library + "BpfMapHandle");
        Program = compilation.GetTypeByMetadataName(Library + "BpfProgram");
        GlobalSection = compilation.GetTypeByMetadataName(Library + "BpfGlobalSection");
        Link = compilation.GetTypeByMetadataName(Library + "BpfLink");
        LinkHandle = compilation.GetTypeByMetadataName(Library + "BpfLinkHandle");
        InstructionProgram = compilation.GetTypeByMetadataName(Library + "BpfInstructionProgram");
        PinnedProgram = compilation.GetTypeByMetadataName(Library + "BpfPinnedProgram`1");
        Statistics = compilation.GetTypeByMetadataName(Library + "BpfStatistics");
        RingBuffer = compilation.GetTypeByMetadataName(Library + "BpfRingBuffer");
        RingBufferOfEvents = compilation.GetTypeByMetadataName(Library + "BpfRingBuffer`1");
        PerfBuffer = compilation.GetTypeByMetadataName(Library + "BpfPerfBuffer");
        UserRingBuffer = compilation.GetTypeByMetadataName(Library + "BpfUserRingBuffer");
        KeyedMap = compilation.GetTypeByMetadataName(Library + "BpfKeyedMap`2");
        ArrayMap = compilation.GetTypeByMetadataName(Library + "BpfArrayMap`1");
        PerCpuArrayMap = compilation.GetTypeByMetadataName(Library + "BpfPerCpuArrayMap`1");
        HashedMap = compilation.GetTypeByMetadataName(Library + "BpfHashedMap`2");
        PerCpuKeyedMap = compilation.GetTypeByMetadataName(Library + "BpfPerCpuKeyedMap`2");
        PerCpuBatch = compilation.GetTypeByMetadataName(Library + "BpfPerCpuMapBatch`2");
        PerCpu = compilation.GetTypeByMetadataName(Library + "PerCpu`1");
        Exception = compilation.GetTypeByMetadataName(Library + "BpfException");
        CancellationToken = compilation.GetTypeByMetadataName("System.Threading.CancellationToken");
    }

    public INamedTypeSymbol Skeleton { get; }

    public INamedTypeSymbol Object { get; }

    public INamedTypeSymbol? SkeletonSpec { get; }

    public INamedTypeSymbol? BpfMapSpec { get; }

    public INamedTypeSymbol? Map { get; }

    public INamedTypeSymbol? MapHandle { get; }

    public INamedTypeSymbol? Program { get; }

    public INamedTypeSymbol? GlobalSection { get; }

    public INamedTypeSymbol? Link { get; }

    public INamedTypeSymbol? LinkHandle { get; }

    public INamedTypeSymbol? InstructionProgram { get; }

    public INamedTypeSymbol? PinnedProgram { get; }

    public INamedTypeSymbol? Statistics { get; }

    public INamedTypeSymbol? RingBuffer { get; }

    public INamedTypeSymbol? RingBufferOfEvents { get; }

    public INamedTypeSymbol? PerfBuffer { get; }

    public INamedTypeSymbol? UserRingBuffer { get; }

    public INamedTypeSymbol? KeyedMap { get; }

    public INamedTypeSymbol? ArrayMap { get; }

    public INamedTypeSymbol? PerCpuArrayMap { get; }

    public INamedTypeSymbol? HashedMap { get; }

    public INamedTypeSymbol? PerCpuKeyedMap { get; }

    public INamedTypeSymbol? PerCpuBatch { get; }

    public INamedTypeSymbol? PerCpu { get; }

    public INamedTypeSymbol? Exception { get; }

    public INamedTypeSymbol? CancellationToken { get; }

    /// <summary>Looks the types up; null where the library is not referenced, so that there is nothing to analyze.</summary>
    public static KnownTypes? Find(Compilation compilation)
        => compilation.GetTypeByMetadataName(Library + "BpfSkeleton") is { } skeleton && compilation.GetTypeByMetadataName(Library + "BpfObject") is { } @object
            ? new KnownTypes(compilation, skeleton, @object)
            : null;

    /// <summary>Returns true for that type or a type derived from it; for a generic type, for any construction of it.</summary>
    public static bool Is(ITypeSymbol? type, INamedTypeSymbol? @base)
    {
        for (ITypeSymbol? current = type; current is not null && @base is not null; current = current.BaseType)
        {
            if (SymbolEqualityComparer.Default.Equals(current.OriginalDefinition, @base))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns true for a skeleton or the object under it.</summary>
    public bool IsLive(ITypeSymbol? type) => Is(type, Skeleton) || Is(type, Object);

    /// <summary>Returns true for a type that, without a live object, owns links and ends them when it is disposed.</summary>
    public bool IsLinkOwner(ITypeSymbol? type) => Is(type, LinkHandle) || Is(type, InstructionProgram) || Is(type, PinnedProgram);

    /// <summary>Returns true for a type nested in a skeleton: a group of its members, or a type of its C.</summary>
    public bool IsInSkeleton(ITypeSymbol? type) => type?.ContainingType is { } outer && (Is(outer, Skeleton) || IsInSkeleton(outer));

    /// <summary>Returns true for a type whose values are unusable once their live object is disposed.</summary>
    public bool IsView(ITypeSymbol? type)
        => Is(type, Map) || Is(type, MapHandle) || Is(type, Program) || Is(type, GlobalSection) || Is(type, Link)
            || (type is { IsReferenceType: true } && IsInSkeleton(type));

    /// <summary>Returns true for a ring or perf buffer, which has one reader at a time.</summary>
    public bool IsRing(ITypeSymbol? type) => Is(type, RingBuffer) || Is(type, RingBufferOfEvents) || Is(type, PerfBuffer);
}
