using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of the running kernel and of its modules for one load; each is read at its first use.</summary>
internal sealed class RunningTypes(IKernel kernel) : IDisposable
{
    internal const string KernelName = "vmlinux";

    private KernelBtf? _kernel;
    private ModuleTypes? _modules;

    /// <summary>The kernel's own types.</summary>
    internal BtfTypes Kernel => (_kernel ??= KernelBtf.Borrow(kernel)).Types;

    /// <summary>True if these are the kernel's own types and not a replacement.</summary>
    internal bool IsKernel(BtfTypes? types) => types is not null && ReferenceEquals(types, _kernel?.Types);

    /// <summary>The types of the kernel's modules, based on the kernel's own.</summary>
    internal ModuleTypes Modules => _modules ??= ModuleTypes.Load(kernel, Kernel);

    /// <summary>Why the modules' types could not be read; null if they were read, or not requested.</summary>
    internal BpfPermissionException? ModulesRefused => _modules?.Refused;

    /// <summary>Finds a type by name and kind in the kernel, or in the first module that has one.</summary>
    /// <param name="name">The whole name.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="place">The only module to search, "vmlinux" to search no module, null to search all.</param>
    /// <returns>The type's ID and the module; 0 if there is no such type.</returns>
    internal (int Id, ModuleBtf? Module) Find(string name, BtfKind kind, string? place = null)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (place is null or KernelName && Kernel.Find(bytes, kind) is > 0 and int id)
        {
            return (id, null);
        }

        if (place != KernelName)
        {
            foreach (ModuleBtf module in Modules.All)
            {
                if ((place is null || place == module.Name) && module.Types.FindOwn(bytes, kind) is > 0 and int own)
                {
                    return (own, module);
                }
            }
        }

        return (0, null);
    }

    /// <summary>Finds a loaded module; null if there is none with that name, or modules cannot be listed.</summary>
    internal ModuleBtf? FindModule(string name) => Modules.All.FirstOrDefault(module => module.Name == name);

    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(_modules);
        teardown.End(_kernel);
        teardown.Report();
    }
}
