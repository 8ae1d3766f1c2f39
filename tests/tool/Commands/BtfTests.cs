using System.Text.Json;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tests.Unit.Support;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary>Types of objects, kernels and modules, dumped.</summary>
public sealed class BtfTests
{
    [Fact]
    public void Types_of_a_vmlinux_and_of_a_module_with_its_base_are_dumped()
    {
        string folder = Directory.CreateTempSubdirectory("hmbpf-vmlinux").FullName;
        try
        {
            var kernel = new BtfBuilder();
            int number = kernel.Int("int", 4, BtfIntEncoding.Signed);
            kernel.Struct("list_head", 16, ("first", number, 0), ("second", number, 64));
            string vmlinux = Write("vmlinux", (".debug_info", new byte[4096]), (".BTF", kernel.Build()));
            var distilled = new BtfBuilder();
            int contained = distilled.Struct("list_head", 16);
            var module = new BtfBuilder(distilled);
            module.Struct("holder", 32, ("link", contained, 0), ("other", contained, 128));
            string carrier = Write("module.ko", (".BTF", module.Build()), (".BTF.base", distilled.Build()));

            Assert.Contains("\tint second;", Dump(vmlinux), StringComparison.Ordinal);
            Assert.Contains("\tstruct list_head other;", Dump(carrier), StringComparison.Ordinal);
            string both = Dump(vmlinux, carrier);
            Assert.Contains("\tint second;", both, StringComparison.Ordinal);
            Assert.Contains("\tstruct list_head other;", both, StringComparison.Ordinal);
            Assert.DoesNotContain("___2", both, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        string Write(string name, params (string Name, byte[] Contents)[] sections)
        {
            var elf = new ElfBuilder();
            foreach ((string section, byte[] contents) in sections)
            {
                elf.Section(section, ElfBuilder.Contents, 0, contents);
            }

            string path = Path.Combine(folder, name);
            File.WriteAllBytes(path, elf.Build(ElfBuilder.Executable));
            return path;
        }

        static string Dump(params string[] files)
        {
            Hmbpf.Outcome outcome = Hmbpf.Run(["btf", "dump", .. files]);
            Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
            return outcome.Output;
        }
    }

    [Fact]
    public void Types_are_dumped_as_C_and_as_JSON()
    {
        string c = Hmbpf.Run("btf", "dump", ShownObject.File, "--type", "shown_value").Output;
        Assert.Contains("enum shown_kind kind;", c, StringComparison.Ordinal);
        JsonElement[] types = [.. Hmbpf.Run("btf", "dump", ShownObject.File, "--type", "shown_value", "--format", "json").Json.GetProperty("types").EnumerateArray()];
        Assert.Equal("Struct", Assert.Single(types).GetProperty("kind").GetString());
        Hmbpf.Outcome unknown = Hmbpf.Run("btf", "dump", ShownObject.File, "--type", "no_such_type");
        Assert.Equal(1, unknown.ExitCode);
        Assert.Contains("no_such_type", unknown.Error, StringComparison.Ordinal);
    }
}
