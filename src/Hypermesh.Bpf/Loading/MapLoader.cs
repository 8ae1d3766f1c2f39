using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.BtfSanitizing;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Loading;

/// <summary>Creates or finds the maps of an object, and one array map for each data section.</summary>
internal sealed class MapLoader(IKernel kernel, BpfObjectSpec spec, BpfHandle? btf, BpfToken? token, BpfLoadOptions options, ILogger logger)
{
    /// <summary>Creates all maps and data sections, and adds them to the parts.</summary>
    /// <param name="parts">What the load has created so far.</param>
    /// <param name="kernelConfig">The contents of <c>.kconfig</c>, for objects that have it.</param>
    /// <param name="hashOf">Returns the digest of a program, for maps that are exclusive to one program.</param>
    internal void CreateAll(ObjectParts parts, byte[] kernelConfig, Func<string, byte[]> hashOf)
    {
        foreach (BpfDataSectionSpec section in spec.DataSections.Where(static section => section.Arena is null))
        {
            Add(section, section.Image, parts);
        }

        if (spec.KernelConfig is { } config)
        {
            Add(config, kernelConfig, parts);
        }

        foreach (BpfMapSpec map in spec.Maps)
        {
            if (options.Inheritance?.Maps.TryGetValue(map.Name, out BpfMapHandle? running) == true)
            {
                parts.Borrowed.Add(running);
                parts.Maps.Add(map.Name, running);
                continue;
            }

            BpfMapHandle handle = Create(map, hashOf);
            parts.Maps.Add(map.Name, handle);
            logger.MapCreated(map.Name, map.Type, map.KeySize, map.ValueSize, map.MaxEntries);
        }

        foreach (BpfDataSectionSpec section in spec.DataSections.Where(static section => section.Arena is not null))
        {
            BpfMapHandle arena = parts.Maps[section.Arena!.Name];
            parts.SectionMaps.Add(section.Name, arena);
            if (options.Inheritance?.Views.TryGetValue(section.Name, out BpfGlobalSection? view) == true && IsInherited(section.Arena))
            {
                parts.Sections.Add(section.Name, view);
            }
            else if (arena.IsCreated)
            {
                parts.Sections.Add(section.Name, BpfGlobalSection.OpenInArena(section.Name, arena, section.Image));
            }
        }

        InitialValues.FillMapsOfMaps(spec, parts, map => !IsInherited(map));
    }

    private void Add(BpfDataSectionSpec section, ReadOnlySpan<byte> image, ObjectParts parts)
    {
        if (options.Inheritance?.Sections.TryGetValue(section.Name, out BpfMapHandle? running) == true)
        {
            parts.Borrowed.Add(running);
            parts.SectionMaps.Add(section.Name, running);
            if (options.Inheritance.Views.TryGetValue(section.Name, out BpfGlobalSection? view))
            {
                parts.Sections.Add(section.Name, view);
            }

            return;
        }

        BpfMapHandle map = Create(section, image);
        parts.SectionMaps.Add(section.Name, map);
        if (section.IsShared)
        {
            parts.Sections.Add(section.Name, BpfGlobalSection.Open(section.Name, map, section.IsReadOnly, image.ToArray()));
        }
    }

    /// <summary>Creates a map, opens its pin, or only describes it if the spec leaves it out.</summary>
    private BpfMapHandle Create(BpfMapSpec map, Func<string, byte[]> hashOf)
    {
        BpfMapDefinition definition = Define(map);
        if (!map.Enabled)
        {
            return new BpfMapHandle(kernel, definition, handle: null, spec.Name);
        }

        if (options.ReplacedMaps.TryGetValue(map.Name, out BpfMapHandle? replacement))
        {
            return Reuse(definition, replacement);
        }

        definition = definition with
        {
            ExclusiveHash = map.ExclusiveProgram is { } program ? hashOf(program) : null,
            InnerMap = options.InnerMaps.TryGetValue(map.Name, out BpfMapHandle? pattern) ? pattern : null,
            Inner = map.InnerMap is { } inner ? Define(inner) : null,
        };
        string? path = map.PinPath ?? (map.IsPinnedByName ? $"{options.PinRoot.TrimEnd('/')}/{map.Name}" : null);
        BpfMapHandle made = path is null
            ? MapCreator.Create(kernel, definition, spec.Name, logger)
            : new PinnedMap(kernel, spec.Name, path, logger).OpenOrCreate(definition);
        try
        {
            made.KeepTypes(btf);
            if (map.Type == BpfMapType.Arena)
            {
                // The kernel rejects programs until the arena is mapped in a process.
                _ = ArenaMapping.Of(made);
            }

            return made;
        }
        catch
        {
            made.Dispose();
            throw;
        }
    }

    private BpfMapHandle Reuse(BpfMapDefinition wanted, BpfMapHandle replacement)
    {
        using HandleUse use = replacement.Use();
        long result = kernel.Duplicate(use.Descriptor);
        if (result < 0)
        {
            throw KernelErrors.Of(kernel, "fcntl", result, $"Duplicating map {replacement.Name} to replace {wanted.Name}", Capabilities.None, spec.Name, wanted.Name);
        }

        var handle = new BpfHandle(kernel, result);
        if (MapDescriptions.Difference(MapCreator.Normalize(kernel, wanted), replacement.Definition, shapeOnly: true) is { } difference)
        {
            handle.Dispose();
            throw new BpfException($"Map {replacement.Name} cannot replace {wanted.Name} of {spec.Name}: {difference}. Pass a map with the same type and sizes in BpfLoadOptions.ReplacedMaps.", spec.Name, wanted.Name);
        }

        return new BpfMapHandle(kernel, replacement.Definition with { Name = wanted.Name }, handle, spec.Name);
    }

    private bool IsInherited(BpfMapSpec map) => options.Inheritance?.Maps.ContainsKey(map.Name) == true;

    /// <summary>Creates a section's map and fills it. Constants are frozen, so that the verifier can rely on them.</summary>
    private BpfMapHandle Create(BpfDataSectionSpec section, ReadOnlySpan<byte> image)
    {
        BpfMapFlags flags = (section.IsShared ? BpfMapFlags.Mappable : BpfMapFlags.None) | (section.IsReadOnly ? BpfMapFlags.ReadOnlyForPrograms : BpfMapFlags.None);
        var definition = new BpfMapDefinition(KernelName.OfSection(spec.Name, section.Name), BpfMapType.Array, sizeof(uint), section.Size, 1, flags)
        {
            Btf = section.TypeId != 0 ? btf : null,
            Token = token?.Permission,
            ValueTypeId = btf is null ? 0 : section.TypeId,
        };
        BpfMapHandle map = MapCreator.Create(kernel, definition, spec.Name, logger);
        try
        {
            BpfGlobalSection.WriteImage(map, image);
            if (section.IsReadOnly)
            {
                map.Freeze();
            }

            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private BpfMapDefinition Define(BpfMapSpec map)
    {
        bool typed = btf is not null && !MapTypes.AreUntyped(map.Type) && (map.KeyTypeId | map.ValueTypeId) != 0;
        return new BpfMapDefinition(map.Name, map.Type, map.KeySize, map.ValueSize, map.MaxEntries, map.Flags)
        {
            NumaNode = map.NumaNode == 0 && (map.Flags & BpfMapFlags.NumaNode) == 0 ? null : map.NumaNode,
            Extra = map.MapExtra,
            Stated = map.Stated,
            DeviceIndex = map.DeviceIndex,
            Token = token?.Permission,
            Btf = typed ? btf : null,
            HasKernelFields = typed && map.ValueTypeId != 0 && KernelFields.AreIn(spec.Btf!, map.ValueTypeId),
            KernelStructs = spec.Btf is { } types && map.ValueTypeId != 0 ? MapFaults.FieldsIn(types, map.ValueTypeId) : [],
            KeyTypeId = typed ? map.KeyTypeId : 0,
            ValueTypeId = typed && map.Type != BpfMapType.StructOps ? map.ValueTypeId : 0,
        };
    }
}

/// <summary>The map types for which the kernel accepts no types of keys and values.</summary>
internal static class MapTypes
{
    // The same list as in libbpf.
    private static readonly HashSet<BpfMapType> s_untyped =
    [
        BpfMapType.PerfEventArray, BpfMapType.CGroupArray, BpfMapType.StackTrace, BpfMapType.ArrayOfMaps, BpfMapType.HashOfMaps,
        BpfMapType.DevMap, BpfMapType.DevMapHash, BpfMapType.CpuMap, BpfMapType.XskMap, BpfMapType.SockMap, BpfMapType.SockHash,
        BpfMapType.Queue, BpfMapType.Stack, BpfMapType.Arena,
    ];

    internal static bool AreUntyped(BpfMapType type) => s_untyped.Contains(type);
}
