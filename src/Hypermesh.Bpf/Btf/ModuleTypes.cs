using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of all modules that are loaded now (5.11). They may be listed with CAP_SYS_ADMIN only: without it none is known, which is not to say that there is none.</summary>
internal sealed class ModuleTypes : IDisposable
{
    private readonly List<ModuleBtf> _modules = [];

    private ModuleTypes()
    {
    }

    internal IReadOnlyList<ModuleBtf> All => _modules;

    /// <summary>Why the modules may not be listed; null when they were.</summary>
    internal BpfPermissionException? Refused { get; private set; }

    public void Dispose()
    {
        var teardown = default(Teardown);
        foreach (ModuleBtf module in _modules)
        {
            teardown.End(module);
        }

        teardown.Report();
    }

    internal static ModuleTypes Load(IKernel kernel, BtfTypes kernelTypes)
    {
        var modules = new ModuleTypes();
        try
        {
            modules.Fill(kernel, kernelTypes);
            return modules;
        }
        catch (BpfPermissionException reason) when (reason.Refused != BpfRefusal.ResourceLimit)
        {
            modules.Refused = reason;
            return modules;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, modules);
            throw;
        }
    }

    private void Fill(IKernel kernel, BtfTypes kernelTypes)
    {
        const string What = "Listing the types of the kernel's modules";
        long id = 0;
        while ((id = BtfCalls.TryNext(kernel, (uint)id)) > 0)
        {
            long descriptor = BtfCalls.TryOpen(kernel, (uint)id);
            if (descriptor == -Errno.ENOENT)
            {
                // Unloaded since it was listed.
                continue;
            }

            if (descriptor < 0)
            {
                throw KernelErrors.Of(kernel, BpfCommand.BtfGetDescriptorById, descriptor, What, Capabilities.SysAdmin);
            }

            if (ModuleBtf.Open(new BpfHandle(kernel, descriptor), kernelTypes) is { } module)
            {
                _modules.Add(module);
            }
        }

        // EINVAL: a kernel before 5.1, which numbers no BTF.
        if (id is < 0 and not -Errno.ENOENT and not -Errno.EINVAL)
        {
            throw KernelErrors.Of(kernel, BpfCommand.BtfGetNextId, id, What, Capabilities.SysAdmin);
        }
    }
}
