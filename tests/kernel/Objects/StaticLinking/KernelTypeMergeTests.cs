using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.Bpf.Objects.StaticLinking;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.StaticLinking;

/// <summary>A kernel merged with itself is that kernel.</summary>
public sealed class KernelTypeMergeTests : KernelTest
{
    [Fact]
    public void Twice_the_same_kernel_is_the_same_header()
    {
        Assert.SkipWhen(Emulation.IsEmulated, "takes minutes where a processor is emulated, and the machine's own kernel has shown it");
        using KernelBtf kernel = KernelBtf.Acquire(Kernel);

        string once = Header(KernelTypeMerger.Merge([kernel.Types]));

        Assert.Equal(once, Header(KernelTypeMerger.Merge([kernel.Types, kernel.Types])));
        Assert.Contains("\nstruct task_struct {\n", once, StringComparison.Ordinal);
    }

    private static string Header(BtfTypes types)
    {
        using var text = new StringWriter { NewLine = "\n" };
        new BtfCWriter(types, text).WriteHeader();
        return text.ToString();
    }
}
