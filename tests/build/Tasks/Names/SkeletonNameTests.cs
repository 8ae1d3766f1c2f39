using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Tasks.Names;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Names;

/// <summary>File names become class names by one rule.</summary>
public sealed class SkeletonNameTests
{
    [Theory]
    [InlineData("exec.bpf.c", "App", "App.Exec")]
    [InlineData("src/run-queue_latency.bpf.c", "my-app.v2", "my_app.v2.RunQueueLatency")]
    [InlineData("foo.de.bpf.c", "App", "App.FooDe")]
    [InlineData("3com.bpf.c", "3d.App", "_3d.App._3com")]
    [InlineData("App.bpf.c", "Some.App", "Some.App.AppProgram")]
    [InlineData("exec.bpf.c", "", "Exec")]
    [InlineData("other.c", "App", "App.Other")]
    [InlineData("TCP_rtt4.BPF.C", "event", "event.TcpRtt4")]
    [InlineData("a b.bpf.c", ".a..b", "a.b.AB")]
    public void A_class_is_named_after_its_file(string file, string rootNamespace, string expected)
        => Assert.Equal(expected, SkeletonName.Of(file, rootNamespace, "", "").FullName);

    [Fact]
    public void Metadata_decides_where_it_is_given()
    {
        SkeletonName name = SkeletonName.Of("app.bpf.c", "App", "Some.Where", "App");

        Assert.Equal("Hypermesh.Bpf/Some.Where.App.bpf.o", name.ResourceName);
        Assert.False(name.IsSuffixed);
    }

    [Theory]
    [InlineData("A.B_1.é", true)]
    [InlineData("A..B", false)]
    [InlineData("1A", false)]
    [InlineData("A B", false)]
    public void A_namespace_is_checked(string text, bool isNamespace) => Assert.Equal(isNamespace, CSharpNames.IsNamespace(text));
}
