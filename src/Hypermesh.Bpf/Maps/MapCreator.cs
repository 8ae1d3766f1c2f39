using System.Numerics;

namespace Hypermesh.Bpf;

/// <summary>Creates maps.</summary>
internal static unsafe class MapCreator
{
    private const int NameSize = 16;
    private const uint LargestPowerOfTwo = 1u << 31;

    /// <summary>Creates the map in the kernel.</summary>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    internal static BpfMapDescriptor Create(IKernel kernel, BpfMapDefinition definition, string? objectName = null)
    {
        definition = Normalize(kernel, definition);
        long result = TryCreate(kernel, definition);
        if (result < 0)
        {
            throw KernelErrors.Of(
                kernel, BpfCommand.MapCreate, result,
                $"Creating map {definition.Name} ({definition.Type}, key {definition.KeySize}, value {definition.ValueSize}, {definition.MaxEntries} entries)",
                Capabilities.Bpf, objectName, definition.Name, definition.Type == BpfMapType.TaskStorage ? BpfFeature.TaskStorage : null);
        }

        BpfMetrics.MapCreated(definition.Type);
        return new BpfMapDescriptor(kernel, definition, new BpfHandle(kernel, result), objectName);
    }

    // A ring buffer's value type is for readers alone, and its size must be a power of two of whole pages; a perf event array has one entry a CPU.
    private static BpfMapDefinition Normalize(IKernel kernel, BpfMapDefinition definition) => definition.Type switch
    {
        BpfMapType.RingBuf or BpfMapType.UserRingBuf => definition with
        {
            KeySize = 0,
            ValueSize = 0,
            KeyTypeId = 0,
            ValueTypeId = 0,
            MaxEntries = RingSize(definition.MaxEntries),
        },
        BpfMapType.PerfEventArray when definition.MaxEntries == 0 => definition with { MaxEntries = (uint)PossibleCpus.Of(kernel).Count },
        _ => definition,
    };

    // Above the largest power of two there is nothing to round up to: the kernel is asked for what was asked for, and refuses it.
    private static uint RingSize(uint wanted)
        => wanted > LargestPowerOfTwo ? wanted : Math.Max(BitOperations.RoundUpToPowerOf2(wanted), (uint)Environment.SystemPageSize);

    /// <summary>Asks the kernel for the map: the descriptor or the negative errno.</summary>
    internal static long TryCreate(IKernel kernel, BpfMapDefinition definition)
    {
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)definition.Type;
        attributes.KeySize = definition.KeySize;
        attributes.ValueSize = definition.ValueSize;
        attributes.MaxEntries = definition.MaxEntries;
        attributes.MapFlags = definition.Flags;
        attributes.MapExtra = definition.Extra;
        if (definition.NumaNode is { } node)
        {
            attributes.NumaNode = node;
            attributes.MapFlags |= (uint)MapFlags.NumaNode;
        }

        if (BpfFeatures.Of(kernel).Has(BpfFeature.ObjectNames))
        {
            ObjectNames.Write(definition.Name, new Span<byte>(attributes.MapName, NameSize));
        }

        using HandleUse inner = definition.InnerMap is { } map ? map.Use() : default;
        using HandleUse btf = definition.Btf is { } handle ? handle.Use() : default;
        using HandleUse token = definition.Token is { } permission ? permission.Use() : default;
        if (definition.InnerMap is not null)
        {
            attributes.InnerMapFd = (uint)inner.Descriptor;
        }

        if (definition.Btf is not null)
        {
            attributes.BtfFd = (uint)btf.Descriptor;
            attributes.BtfKeyTypeId = (uint)definition.KeyTypeId;
            attributes.BtfValueTypeId = (uint)definition.ValueTypeId;
            attributes.BtfVmlinuxValueTypeId = (uint)definition.KernelValueTypeId;
        }

        if (definition.Token is not null)
        {
            attributes.MapTokenFd = token.Descriptor;
            attributes.MapFlags |= (uint)MapFlags.Token;
        }

        return kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr));
    }
}
