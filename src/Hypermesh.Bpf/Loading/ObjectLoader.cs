using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Tracepoints;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Takes an object into the kernel: types, maps, globals, programs, in this order. All or nothing: on failure what was made is
/// given back.
/// </summary>
internal static class ObjectLoader
{
    private const string LogCategory = "Hypermesh.Bpf";

    internal static BpfObject Load(BpfObjectSpec spec, BpfLoadOptions options)
    {
        if (!spec.Elf.IsLittleEndian)
        {
            throw new BpfException($"Object {spec.Name} is big-endian: it can be read here, but not loaded. Compile it with -target bpfel.", spec.Name, null);
        }

        if (options.KernelTypes is not null && spec.Programs.FirstOrDefault(static program => program.Enabled && AttachTarget.IsTyped(program)) is { } typed)
        {
            throw new BpfException(
                $"Program {typed.Name} in {spec.Name} is for a kernel type ({typed.SectionName}), whose number only the running kernel's own BTF tells: load it without KernelTypes.",
                spec.Name, typed.Name);
        }

        IKernel kernel = options.Kernel ?? LinuxKernel.Instance;
        ILogger logger = options.LoggerFactory?.CreateLogger(LogCategory) ?? NullLogger.Instance;
        var parts = new ObjectParts();
        try
        {
            MemoryLock.Raise(kernel);
            using BpfToken? implied = options.Token is null ? BpfToken.OpenImplicit(kernel) : null;
            using KernelBtf? running = NeedsRunningTypes(spec, options) ? KernelBtf.Acquire(kernel) : null;
            LoadParts(kernel, spec, options.KernelTypes ?? running?.Types, options.Token ?? implied, options, parts, logger);
            var live = new BpfObject(kernel, spec, parts, logger);
            logger.ObjectLoaded(spec.Name, parts.Programs.Count, parts.Maps.Count);
            return live;
        }
        catch (Exception reason)
        {
            parts.Dispose();
            logger.ObjectFailed(spec.Name, reason);
            throw;
        }
    }

    private static void LoadParts(IKernel kernel, BpfObjectSpec spec, BtfTypes? kernelTypes, BpfToken? token, BpfLoadOptions options, ObjectParts parts, ILogger logger)
    {
        if (kernelTypes is not null)
        {
            TracepointArguments.Resolve(spec, kernelTypes);
        }

        using BpfHandle? btf = BtfLoader.Load(kernel, spec, token, out BpfSyscallException? refused);
        if (refused is not null)
        {
            logger.TypesRefused(spec.Name, refused);
        }

        var tables = new StructOpsLoader(spec, kernelTypes);
        var builder = new ProgramBuilder(kernel, spec, btf, kernelTypes, parts.Maps, parts.SectionMaps)
        {
            LogLevel = options.VerifierLog,
            Token = token,
            StructOps = tables,
        };
        new MapLoader(kernel, spec, btf, token, options, logger).CreateAll(parts, builder.HashOf);
        tables.CreateMaps(kernel, btf, token, parts);
        foreach (ProgramSpec program in spec.Programs)
        {
            parts.Programs.Add(program.Name, ProgramFactory.Create(program.Section.Attach, Load(kernel, builder, spec, program, parts, logger)));
        }

        tables.PutPrograms(parts);
        InitialValues.FillProgramArrays(spec, parts, logger);
    }

    private static BpfProgramDescriptor Load(IKernel kernel, ProgramBuilder builder, BpfObjectSpec spec, ProgramSpec program, ObjectParts parts, ILogger logger)
    {
        var descriptor = new BpfProgramDescriptor(kernel, program.Name, program.Type)
        {
            ObjectName = program.ObjectName,
            SectionName = program.SectionName,
            AttachType = program.ExpectedAttachType,
            Target = program.Target,
            Logger = logger,
        };
        if (!spec.IsWanted(program))
        {
            return descriptor;
        }

        try
        {
            (BpfHandle handle, int attachBtfId, int instructions, string log) = builder.Load(program);
            logger.ProgramLoaded(program.Name, program.Type, instructions);
            return descriptor with { Handle = handle, AttachBtfId = attachBtfId, VerifierLog = log };
        }
        catch (BpfException reason) when (program.Optional)
        {
            parts.Refused.Add(new BpfRefusedProgram(program.Name, reason));
            logger.ProgramRefused(program.Name, reason);
            return descriptor with { NotLoadedBecause = "it is optional and was refused: " + reason.Message };
        }
    }

    private static bool NeedsRunningTypes(BpfObjectSpec spec, BpfLoadOptions options)
        => options.KernelTypes is null
            && (spec.BtfExtension is { HasRelocations: true }
                || StructOpsLoader.IsNeeded(spec)
                || TracepointArguments.AreNeeded(spec)
                || spec.Programs.Any(static program => program.Enabled && AttachTarget.IsTyped(program)));
}
