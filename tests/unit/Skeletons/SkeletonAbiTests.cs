using System.Reflection;
using Hypermesh.Bpf.Objects.Compatibility;

namespace Hypermesh.Bpf.Tests.Unit.Skeletons;

/// <summary>Generated code of another version of the SDK runs, or says what to build again.</summary>
public sealed class SkeletonAbiTests
{
    private static readonly string s_library = typeof(BpfObject).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    [Fact]
    public void What_the_library_runs_is_opened()
    {
        for (int abi = SkeletonAbi.Oldest; abi <= SkeletonAbi.Current; abi++)
        {
            // Past the check, what is missing here is the compiled object.
            Assert.Contains("has no resource \"absent\"", Assert.Throws<BpfException>(() => new Spec(abi, "0.0.9")).Message);
        }
    }

    [Fact]
    public void What_is_too_old_is_to_be_built_again()
    {
        var told = Assert.Throws<BpfSkeletonAbiException>(static () => new Spec(-1, "0.0.9"));

        Assert.StartsWith("Object counter: Hypermesh.Bpf.Tests.Unit ", told.Message);
        Assert.Contains(" was built with Hypermesh.BpfSdk 0.0.9, which generates skeleton ABI ", told.Message);
        Assert.Contains($"The Hypermesh.Bpf that runs is {s_library} and runs skeleton ABI {SkeletonAbi.Oldest}", told.Message);
        Assert.EndsWith($"Build Hypermesh.Bpf.Tests.Unit again with Hypermesh.BpfSdk {s_library}, or use a version of it that was built so.", told.Message);
        Assert.Equal(("counter", "Hypermesh.Bpf.Tests.Unit", "0.0.9"), (told.ObjectName, told.AssemblyName, told.SdkVersion));
    }

    [Fact]
    public void What_is_too_new_needs_a_newer_library()
    {
        var told = Assert.Throws<BpfSkeletonAbiException>(static () => new Spec(SkeletonAbi.Current + 1, "9.1.0-preview.2"));

        Assert.EndsWith("Reference the package Hypermesh.Bpf 9.1.0-preview.2 or newer in the application.", told.Message);
        Assert.Equal(SkeletonAbi.Current + 1, told.Abi);
    }

    [Fact]
    public void What_was_generated_before_there_was_a_number_is_to_be_built_again()
    {
        var told = Assert.Throws<BpfSkeletonAbiException>(static () => new Unnumbered());

        Assert.Contains(" was built with a Hypermesh.BpfSdk that did not number its generated code. ", told.Message);
        Assert.EndsWith($"Build Hypermesh.Bpf.Tests.Unit again with Hypermesh.BpfSdk {s_library}, or use a version of it that was built so.", told.Message);
        Assert.Equal((0, ""), (told.Abi, told.SdkVersion));
    }

    private sealed class Spec(int abi, string sdkVersion) : BpfSkeletonSpec(abi, sdkVersion, typeof(Spec).Assembly, "absent", "counter");

    private sealed class Unnumbered() : BpfSkeletonSpec(typeof(Unnumbered).Assembly, "absent", "counter");
}
