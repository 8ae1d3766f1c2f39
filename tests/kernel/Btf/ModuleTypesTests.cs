using Hypermesh.Bpf.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Btf;

/// <summary>The types of all loaded modules.</summary>
public sealed class ModuleTypesTests : KernelTest
{
    [Fact]
    public void The_types_of_each_module_extend_those_of_the_kernel()
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        using ModuleTypes modules = ModuleTypes.Load(Kernel, kernel.Types);
        Assert.Null(modules.Refused);
        Assert.Equal(
            Directory.GetFiles("/sys/kernel/btf").Select(Path.GetFileName).Where(static name => name != "vmlinux").Order(StringComparer.Ordinal),
            modules.All.Select(static module => module.Name).Order(StringComparer.Ordinal));

        foreach (ModuleBtf module in modules.All)
        {
            Assert.Equal(kernel.Types.Count, module.Types.FirstId);
            for (int id = module.Types.FirstId; id < module.Types.Count; id++)
            {
                Assert.NotNull(module.Types[id].Name);
            }
        }
    }
}
