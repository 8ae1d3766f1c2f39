using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Btf;

/// <summary>The types of the running kernel and of its modules for the time of one load; each is read when it is first asked for.</summary>
internal sealed class RunningTypes(IKernel kernel) : IDisposable
{
    internal const string KernelName = "vmlinux";

    private KernelBtf? _kernel;
    private ModuleTypes? _modules;

    /// <summary>The kernel's own.</summary>
    internal BtfTypes Kernel => (_kernel ??= KernelBtf.Borrow(kernel)).Types;

    /// <summary>True when these are the kernel's own, and not others in their place.</summary>
    internal bool IsKernel(BtfTypes? types) => types is not null && ReferenceEquals(types, _kernel?.Types);

    /// <summary>Those of its modules, which stand on the kernel's own.</summary>
    internal ModuleTypes Modules => _modules ??= ModuleTypes.Load(kernel, Kernel);

    /// <summary>Why modules could not be looked into, null where they were, or were not asked for.</summary>
    internal BpfPermissionException? ModulesRefused => _modules?.Refused;

    /// <summary>A type of that name and kind in the kernel, else in the first module that has one.</summary>
    /// <param name="name">The whole name.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="place">The only module to look into, or "vmlinux" for none; null for all.</param>
    /// <returns>Its number, and the module; 0 where none has it.</returns>
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

    /// <summary>A module that is loaded, null where none of that name is, or none may be looked into.</summary>
    internal ModuleBtf? FindModule(string name) => Modules.All.FirstOrDefault(module => module.Name == name);

    public void Dispose()
    {
        var teardown = default(Teardown);
        teardown.End(_modules);
        teardown.End(_kernel);
        teardown.Report();
    }
}
