using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.Requirements;

/// <summary>The table that names each helper's first kernel, against the list the running kernel has in its types.</summary>
public sealed class HelperVersionTests : KernelTest
{
    [Fact]
    public void This_kernel_has_the_helpers_of_its_version_and_no_others()
    {
        using KernelBtf kernel = KernelBtf.Acquire(Kernel);
        int list = kernel.Types.Find("bpf_func_id", BtfKind.Enum);
        Assert.NotEqual(0, list);
        BtfType ids = kernel.Types[list];
        int last = Enumerable.Range(0, ids.Length).Select(i => (int)ids.EnumValue(i).Value).Where(static number => number < 10_000).Max() - 1;

        int expected = Enumerable.Range(1, HelperVersions.Last).Last(number => HelperVersions.Of(number) <= KernelFacts.Running);
        Assert.Equal((expected, BpfHelpers.NameOf(expected)), (last, BpfHelpers.NameOf(last)));
    }
}
