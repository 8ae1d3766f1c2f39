using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Metrics;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.BtfSanitizing;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Tracepoints;
using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Loads an object into the kernel: types, maps, data sections, programs, in this order. All or nothing: on failure everything that was created is
/// freed.
/// </summary>
internal static class ObjectLoader
{
    private const string LogCategory = "Hypermesh.Bpf";

    internal static BpfObject Load(BpfObjectSpec spec, BpfLoadOptions options)
    {
        ILogger logger = options.LoggerFactory?.CreateLogger(LogCategory) ?? NullLogger.Instance;
        IKernel kernel = options.Kernel ?? LinuxKernel.Instance;
        if (options.Handover is not null)
        {
            return Adoption.Load(kernel, spec, options, logger, parts => new BpfObject(kernel, spec, options, parts, logger));
        }

        ObjectParts parts = LoadParts(spec, options, logger);
        try
        {
            parts.Meter = ObjectMeter.Create(spec, parts.Maps, parts.SectionMaps, parts.Sections, logger);
            return new BpfObject(kernel, spec, options, parts, logger);
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, parts);
            throw;
        }
    }

    /// <summary>Loads the parts of an object; on failure nothing stays.</summary>
    internal static ObjectParts LoadParts(BpfObjectSpec spec, BpfLoadOptions options, ILogger logger)
    {
        if (!spec.Elf.IsLittleEndian)
        {
            throw new BpfException($"Object {spec.Name} is big-endian: it can be read here, but not loaded. Compile it with -target bpfel.", spec.Name, null);
        }

        IKernel kernel = options.Kernel ?? LinuxKernel.Instance;
        NamedOptions.Check(spec, options);
        var parts = new ObjectParts();
        BpfToken? implied = null;
        RunningTypes? running = null;
        try
        {
            MemoryLock.Raise(kernel);
            implied = options.Token is null ? BpfToken.OpenImplicit(kernel) : null;
            running = new RunningTypes(kernel);
            LoadParts(kernel, spec, options, running, options.Token ?? implied, parts, logger);
            running.Dispose();
            implied?.Dispose();
            logger.ObjectLoaded(spec.Name, parts.Programs.Count, parts.Maps.Count);
            return parts;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, running);
            Teardown.Undo(reason, implied);
            Teardown.Undo(reason, parts);
            (reason as BpfException)?.Concern(spec.Name);
            BpfPermissionException? complete = reason is BpfPermissionException refused ? ObjectCapabilities.Complete(kernel, spec, refused) : null;
            logger.ObjectFailed(spec.Name, complete ?? reason);
            if (complete is not null)
            {
                Teardown.Carry(reason, complete);
                throw complete;
            }

            throw;
        }
    }

    private static void LoadParts(IKernel kernel, BpfObjectSpec spec, BpfLoadOptions options, RunningTypes running, BpfToken? token, ObjectParts parts, ILogger logger)
    {
        BtfTypes? coreTypes = options.KernelTypes ?? (NeedsTypes(spec) ? running.Kernel : null);
        if (coreTypes is not null)
        {
            TracepointArguments.Resolve(spec, coreTypes);
        }

        ResolvedExterns externs = new ExternResolver(kernel, spec, running, logger).Resolve(options.KernelConfig);

        using BpfHandle? btf = BtfLoader.Load(kernel, spec, token, out ContextTags? tags, out BpfSyscallException? refused);
        if (refused is not null)
        {
            logger.TypesRefused(spec.Name, refused);
        }

        var structOps = new StructOpsLoader(spec, running);
        var builder = new ProgramBuilder(kernel, spec, btf, coreTypes, running, externs, parts.Maps, parts.SectionMaps)
        {
            LogLevel = options.VerifierLog,
            Token = token,
            StructOps = structOps,
            Tags = tags,
            Dispatches = (program, contextEnd) => (options.Reloadable || options.Handover is not null) && !(options.Inheritance?.Dispatched.TryGetValue(program.Name, out int end) == true && contextEnd <= end),
        };
        new MapLoader(kernel, spec, btf, token, options, logger).CreateAll(parts, externs.KernelConfig, builder.HashOf);
        structOps.CreateMaps(kernel, btf, token, parts);
        foreach (BpfProgramSpec program in spec.Programs)
        {
            parts.Programs.Add(program.Name, ProgramFactory.Create(program.Section.Attach, Load(kernel, builder, spec, program, parts, logger)));
        }

        structOps.PutPrograms(parts);

        // The programs of a running version call those that are in an array which both share: they are replaced with all others.
        InitialValues.FillProgramArrays(spec, parts, logger, map => options.Inheritance?.Maps.ContainsKey(map.Name) != true);
    }

    private static BpfProgramDescriptor Load(IKernel kernel, ProgramBuilder builder, BpfObjectSpec spec, BpfProgramSpec program, ObjectParts parts, ILogger logger)
    {
        var descriptor = new BpfProgramDescriptor(kernel, program.Name, program.Type)
        {
            ObjectName = program.ObjectName,
            SectionName = program.SectionName,
            AttachType = AttachTypes.Of(kernel, program),
            Flags = program.Section.Flags,
            Target = program.TargetFunction ?? program.Target,
            ObjectMaps = parts.Maps,
            Logger = logger,
        };
        if (!spec.IsWanted(program))
        {
            return descriptor;
        }

        try
        {
            BuiltProgram built = builder.Load(program);
            logger.ProgramLoaded(program.Name, program.Type, built.Instructions.Length);
            return descriptor with { Handle = built.Handle, AttachBtfId = built.AttachBtfId, VerifierLog = built.Log, ContextEnd = built.ContextEnd, Dispatcher = built.Dispatcher };
        }
        catch (BpfException reason) when (program.Optional)
        {
            parts.Refused.Add(program.Name, reason);
            logger.ProgramRefused(program.Name, reason);
            return descriptor with { NotLoadedBecause = "it is optional and was rejected: " + reason.Message };
        }
    }

    private static bool NeedsTypes(BpfObjectSpec spec) => spec.BtfExtension is { HasRelocations: true } || TracepointArguments.AreNeeded(spec);
}

/// <summary>The capabilities that a whole object requires, so that a message names all that are missing at once.</summary>
internal static class ObjectCapabilities
{
    /// <summary>The exception with all missing capabilities, if the object needs more than the failed call; otherwise null.</summary>
    internal static BpfPermissionException? Complete(IKernel kernel, BpfObjectSpec spec, BpfPermissionException reason)
    {
        if (reason.Refused != BpfRefusal.Capability || reason.MissingCapability is not { } named)
        {
            return null;
        }

        Capabilities needs = ProgramCapabilities.Of(spec);
        string missing = CapabilityNames.Of(ProcessPrivileges.Read(kernel).Missing(needs) ?? Capabilities.None);
        return missing.Length <= named.Length
            ? null
            : new BpfPermissionException(
                $"{reason.Message} The object as a whole lacks {missing}.", reason.Refused, missing, $"{reason.Advice} The object as a whole lacks {missing}.",
                reason.Operation, reason.Command, reason.Errno, reason.ObjectName ?? spec.Name, reason.SubjectName);
    }
}
