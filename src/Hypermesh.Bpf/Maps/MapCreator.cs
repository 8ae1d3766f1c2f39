using System.Numerics;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hypermesh.Bpf.Maps;

/// <summary>Creates maps.</summary>
internal static unsafe class MapCreator
{
    private const int NameSize = 16;
    private const uint LargestPowerOfTwo = 1u << 31;

    // Map types for which the kernel accepts no key, or no value either; a type that the C declares there is only for readers.
    private static readonly HashSet<BpfMapType> s_keyless =
        [BpfMapType.RingBuf, BpfMapType.UserRingBuf, BpfMapType.Queue, BpfMapType.Stack, BpfMapType.BloomFilter, BpfMapType.Arena];

    private static readonly HashSet<BpfMapType> s_valueless = [BpfMapType.RingBuf, BpfMapType.UserRingBuf, BpfMapType.Arena];

    // Map types that the kernel creates only without preallocation.
    private static readonly HashSet<BpfMapType> s_unallocated =
        [BpfMapType.SkStorage, BpfMapType.InodeStorage, BpfMapType.TaskStorage, BpfMapType.CGroupLocalStorage, BpfMapType.LpmTrie, BpfMapType.RHash];

    /// <summary>Creates the map in the kernel.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    internal static BpfMapHandle Create(IKernel kernel, BpfMapDefinition definition, string? objectName = null, ILogger? logger = null)
    {
        definition = Normalize(kernel, definition);
        using BpfMapHandle? inner = definition is { InnerMap: null, Inner: { } pattern } ? Create(kernel, pattern, objectName, logger) : null;
        BpfMapDefinition asked = inner is null ? definition : definition with { InnerMap = inner };
        long result = TryCreate(kernel, asked);
        string[] unfit = result < 0 ? [.. MapFaults.OfFields(definition.Type, definition.KernelStructs)] : [];
        if (result < 0 && unfit.Length == 0 && (definition.KeyTypeId | definition.ValueTypeId) != 0)
        {
            // Most maps do not require types; those that do are rejected again with the same errno.
            (logger ?? NullLogger.Instance).MapTypesRefused(definition.Name, Errno.Name((int)-result));
            result = TryCreate(kernel, asked with { Btf = null, KeyTypeId = 0, ValueTypeId = 0 });
        }

        if (result < 0)
        {
            throw MapCreationErrors.Of(kernel, definition, result, objectName, unfit);
        }

        BpfMetrics.MapCreated(definition.Type);
        return new BpfMapHandle(kernel, definition, new BpfHandle(kernel, result) { Subject = BpfMapHandle.SubjectOf(definition.Name, objectName) }, objectName);
    }

    /// <summary>
    /// Returns the definition in the form that the kernel accepts: sizes 0 where it requires that, a ring buffer's size a power of two of whole pages, a perf event array with one
    /// entry for each CPU.
    /// </summary>
    internal static BpfMapDefinition Normalize(IKernel kernel, BpfMapDefinition definition)
    {
        if (s_keyless.Contains(definition.Type))
        {
            definition = definition with { KeySize = 0, KeyTypeId = 0 };
        }

        if (s_valueless.Contains(definition.Type))
        {
            definition = definition with { ValueSize = 0, ValueTypeId = 0 };
        }

        if (s_unallocated.Contains(definition.Type))
        {
            definition = definition with { Flags = definition.Flags | BpfMapFlags.NoPreallocation };
        }

        return definition.Type switch
        {
            BpfMapType.RingBuf or BpfMapType.UserRingBuf => definition with { MaxEntries = RingSize(definition.MaxEntries) },
            BpfMapType.PerfEventArray => definition with
            {
                // Its values are descriptors, whatever record the C declares for its readers.
                KeySize = sizeof(int),
                ValueSize = sizeof(int),
                MaxEntries = definition.MaxEntries == 0 ? (uint)PossibleCpus.Of(kernel).Count : definition.MaxEntries,
            },
            _ => definition,
        };
    }

    // Size 0 is a mistake, and above the largest power of two there is nothing to round up to: such a size is passed unchanged, and the kernel rejects it.
    private static uint RingSize(uint wanted)
        => wanted is 0 or > LargestPowerOfTwo ? wanted : Math.Max(BitOperations.RoundUpToPowerOf2(wanted), (uint)Environment.SystemPageSize);

    /// <summary>Creates the map; returns the descriptor or the negative errno.</summary>
    internal static long TryCreate(IKernel kernel, BpfMapDefinition definition)
    {
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)definition.Type;
        attributes.KeySize = (uint)definition.KeySize;
        attributes.ValueSize = (uint)definition.ValueSize;
        attributes.MaxEntries = definition.MaxEntries;
        attributes.MapFlags = (uint)definition.Flags;
        attributes.MapExtra = definition.Extra;
        attributes.MapIfindex = definition.DeviceIndex;
        if (definition.NumaNode is { } node)
        {
            attributes.NumaNode = node;
            attributes.MapFlags |= (uint)BpfMapFlags.NumaNode;
        }

        if (KernelFeatures.ObjectNames.Has(kernel))
        {
            ObjectNames.Write(definition.Name, new Span<byte>(attributes.MapName, NameSize));
        }

        using HandleUse inner = definition.InnerMap is { } map ? map.Use() : default;
        using HandleUse btf = definition.Btf is { } handle ? handle.Use() : default;
        using HandleUse module = definition.KernelValueModule is { } types ? types.Use() : default;
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

        if (definition.KernelValueModule is not null)
        {
            attributes.ValueTypeBtfObjFd = module.Descriptor;
            attributes.MapFlags |= (uint)BpfMapFlags.ValueOfModule;
        }

        if (definition.Token is not null)
        {
            attributes.MapTokenFd = token.Descriptor;
            attributes.MapFlags |= (uint)BpfMapFlags.Token;
        }

        fixed (byte* hash = definition.ExclusiveHash)
        {
            attributes.ExclProgHash = (ulong)hash;
            attributes.ExclProgHashSize = (uint)(definition.ExclusiveHash?.Length ?? 0);
            return kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr));
        }
    }
}
