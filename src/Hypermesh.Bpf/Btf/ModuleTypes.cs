using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of all modules that are loaded now (5.11). Listing them requires CAP_SYS_ADMIN: without it the list is empty, even if there are modules.</summary>
internal sealed class ModuleTypes : IDisposable
{
    private readonly List<ModuleBtf> _modules = [];

    private ModuleTypes()
    {
    }

    internal IReadOnlyList<ModuleBtf> All => _modules;

    /// <summary>Why the modules cannot be listed; null if they were listed.</summary>
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
        try
        {
            foreach (LoadedBtf btf in LoadedBtf.OpenAll(kernel))
            {
                Add(btf, kernelTypes);
            }
        }
        catch (BpfFeatureNotSupportedException)
        {
            // A kernel before 5.4 lists no BTF, and its modules have none.
        }
    }

    private void Add(LoadedBtf btf, BtfTypes kernelTypes)
    {
        bool isKept = false;
        try
        {
            if (btf.IsModule)
            {
                _modules.Add(new ModuleBtf(btf, btf.ReadTypes("module " + btf.Name, kernelTypes)));
                isKept = true;
            }
        }
        finally
        {
            if (!isKept)
            {
                btf.Dispose();
            }
        }
    }
}
