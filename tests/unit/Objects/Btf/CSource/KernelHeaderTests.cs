using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Btf.CSource;

/// <summary>All types of a kernel as C: they compile, and the compiler's BTF of every struct and enum is the same as the kernel's.</summary>
public sealed class KernelHeaderTests
{
    // HYPERMESH_TEST_BTF names another kernel's, copied out of it.
    private static readonly string? s_other = Environment.GetEnvironmentVariable("HYPERMESH_TEST_BTF");
    private static readonly string s_path = s_other ?? "/sys/kernel/btf/vmlinux";

    // A newer standard takes names for itself. What an older one refuses is seen on the running kernel's types, of other kernels by --full alone.
    // Another clang than the first is given the newer one.
    public static TheoryData<string> Standards
        => (s_other is null && Environment.GetEnvironmentVariable("HYPERMESH_BPF_CLANG") is null or "") || Rounds.IsFull ? ["gnu17", "gnu2x"] : ["gnu2x"];

    [Theory]
    [MemberData(nameof(Standards))]
    public void The_header_of_a_kernel_compiles_to_the_same_types(string standard)
    {
        Assert.SkipUnless(File.Exists(s_path), "this kernel has no BTF");
        BtfTypes types = BtfTypes.Read(File.ReadAllBytes(s_path), s_path);
        var header = new StringWriter();
        var writer = new BtfCWriter(types, header);
        writer.WriteHeader();

        var compiled = new CompiledHeader(types);
        compiled.Compare(writer, header.ToString(), standard);

        TestContext.Current.TestOutputHelper?.WriteLine($"{s_path}: {compiled.Same.Composites} structs and unions, {compiled.Same.Enums} enums");
        Assert.True(compiled.Same is { Composites: > 5000, Enums: > 1000 }, $"{compiled.Same}");
    }

    [Fact]
    public void One_type_brings_what_it_needs_and_no_more()
    {
        Assert.SkipUnless(File.Exists(s_path), "this kernel has no BTF");
        BtfTypes types = BtfTypes.Read(File.ReadAllBytes(s_path), s_path);
        var text = new StringWriter();
        var writer = new BtfCWriter(types, text);
        writer.Write(types.Find("sk_buff", BtfKind.Struct));
        int length = text.ToString().Length;

        text.Write("_Static_assert(sizeof(struct sk_buff) > 64, \"\");\n");
        Clang.Compile(text.ToString());
        Clang.Compile(text.ToString(), "gnu2x");
        Assert.InRange(length, 2_000, 400_000);
        Assert.DoesNotContain("struct dentry {", text.ToString(), StringComparison.Ordinal);
    }
}
