using System.Text;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Objects.CSource;

/// <summary>All types of a kernel as C: it compiles, and every struct has the size and every member the offset the kernel has.</summary>
public sealed class KernelHeaderTests
{
    // HYPERMESH_TEST_BTF names another kernel's, copied out of it.
    private static readonly string s_path = Environment.GetEnvironmentVariable("HYPERMESH_TEST_BTF") ?? "/sys/kernel/btf/vmlinux";

    [Fact]
    public void The_header_of_a_kernel_compiles_to_the_same_layout()
    {
        Assert.SkipUnless(File.Exists(s_path), "this kernel has no BTF");
        BtfTypes types = BtfTypes.Read(File.ReadAllBytes(s_path), s_path);
        var header = new StringWriter();
        var writer = new BtfCWriter(types, header);
        writer.WriteHeader();

        int structs = Assertions(types, writer, header);

        if (Environment.GetEnvironmentVariable("HYPERMESH_TEST_HEADER") is { } path)
        {
            File.WriteAllText(path, header.ToString());
        }

        Clang.Compile(header.ToString());
        Assert.True(structs > 1000, $"{structs} structs");
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
        Clang.Compile(text.ToString(), "gnu23");
        Assert.InRange(length, 4_000, 400_000);
        Assert.DoesNotContain("struct dentry {", text.ToString(), StringComparison.Ordinal);
    }

    private static int Assertions(BtfTypes types, BtfCWriter writer, StringWriter header)
    {
        int structs = 0;
        for (int id = 1; id < types.Count; id++)
        {
            BtfType type = types[id];
            if (!type.IsComposite || type.NameOffset == 0)
            {
                continue;
            }

            string name = writer.NameOf(id);
            var line = new StringBuilder($"_Static_assert(sizeof({name}) == {type.Size}, \"{name}\");");
            for (int i = 0; i < type.Length; i++)
            {
                BtfMember member = type.Member(i);
                if (member.NameOffset != 0 && member.BitfieldSize == 0)
                {
                    string field = types.GetString(member.NameOffset);
                    line.Append($"_Static_assert(__builtin_offsetof({name}, {field}) == {member.BitOffset / 8}, \"{name}.{field}\");");
                }
            }

            header.WriteLine(line);
            structs++;
        }

        return structs;
    }
}
