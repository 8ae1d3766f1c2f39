using System.IO.Compression;
using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Spec;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>Externs against a kernel that has, lacks or hides them.</summary>
public sealed class ExternLoadTests
{
    private const string Config = """
        CONFIG_BOOL=y
        CONFIG_TRI=m
        CONFIG_LETTER=64
        CONFIG_SHORT=-32768
        CONFIG_WORD=0x10
        CONFIG_LONG=017
        CONFIG_TEXT="abcdef"
        """;

    private readonly ScriptedKernel _kernel = new();
    private readonly BpfObjectSpec _spec = BpfObjectSpec.Read(TestData.Bytes("externs.bpf.o"), "externs");

    public ExternLoadTests()
    {
        _kernel.Files["/proc/sys/kernel/osrelease"] = "6.1.0-50-amd64\n"u8.ToArray();
        _kernel.Files["/proc/sys/kernel/version"] = "#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1 (2026-01-01)\n"u8.ToArray();
        _kernel.Files["/boot/config-6.1.0-50-amd64"] = Encoding.ASCII.GetBytes(Config);
        _kernel.Files["/proc/kallsyms"] = "ffffffff81000000 T _text\nffffffff81000010 d untyped.llvm.123\nffffffff81000020 t a [module]\n"u8.ToArray();
        _kernel.Files[KernelBtf.Path] = TestData.Elf("core-target.bpf.o").FindSection(".BTF")!.Data.ToArray();
    }

    [Fact]
    public void Each_kind_of_option_gets_its_value()
    {
        byte[] image = Resolve().KernelConfig;

        Assert.Equal(15ul, BitConverter.ToUInt64(image, 0));
        Assert.Equal(2u, BitConverter.ToUInt32(image, 8));
        Assert.Equal(0, BitConverter.ToInt32(image, 12));
        Assert.Equal(16u, BitConverter.ToUInt32(image, 16));
        Assert.Equal((6u << 16) + (1 << 8) + 176, BitConverter.ToUInt32(image, 20));
        Assert.Equal(short.MinValue, BitConverter.ToInt16(image, 24));
        Assert.Equal(1, image[26]);
        Assert.Equal(64, image[27]);
        Assert.Equal("abcd\0"u8, image.AsSpan(28));
    }

    [Fact]
    public void The_kernels_own_configuration_is_read_where_the_distribution_has_none()
    {
        _kernel.Files.Remove("/boot/config-6.1.0-50-amd64");
        var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionMode.Compress))
        {
            zip.Write(Encoding.ASCII.GetBytes(Config));
        }

        _kernel.Files["/proc/config.gz"] = packed.ToArray();

        Assert.Equal(15ul, BitConverter.ToUInt64(Resolve().KernelConfig, 0));
    }

    [Fact]
    public void Ubuntu_states_its_version_itself()
    {
        _kernel.Files["/proc/version_signature"] = "Ubuntu 5.4.0-12.15-generic 5.4.8\n"u8.ToArray();

        Assert.Equal((5u << 16) + (4 << 8) + 8, KernelVersion.Code(_kernel));
    }

    [Theory]
    [InlineData("CONFIG_BOOL=m", "CONFIG_BOOL is m")]
    [InlineData("CONFIG_BOOL=1", "CONFIG_BOOL is 1")]
    [InlineData("CONFIG_TRI=2", "CONFIG_TRI is 2")]
    [InlineData("CONFIG_LETTER=256", "does not fit the 1 bytes")]
    [InlineData("CONFIG_SHORT=32768", "does not fit the 2 bytes")]
    [InlineData("CONFIG_WORD=-1", "does not fit the 4 bytes")]
    [InlineData("CONFIG_WORD=y", "CONFIG_WORD is y")]
    [InlineData("CONFIG_WORD=12x", "CONFIG_WORD is 12x")]
    [InlineData("CONFIG_LONG=18446744073709551616", "CONFIG_LONG is 18446744073709551616")]
    [InlineData("CONFIG_TEXT=\"ab", "CONFIG_TEXT is \"ab")]
    [InlineData("CONFIG_TEXT=1", "CONFIG_TEXT is 1")]
    [InlineData("CONFIG_WORD=", "without a value")]
    [InlineData("CONFIG_WORD", "without a value")]
    public void An_option_that_does_not_fit_its_variable_is_named(string overlay, string message)
        => Assert.Contains(message, Assert.Throws<BpfException>(() => Resolve(overlay)).Message, StringComparison.Ordinal);

    [Fact]
    public void Without_a_configuration_the_error_names_the_remedy()
    {
        _kernel.Files.Remove("/boot/config-6.1.0-50-amd64");

        Assert.Contains("BpfLoadOptions.KernelConfig", Assert.Throws<BpfFeatureNotSupportedException>(() => Resolve()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_symbol_made_local_by_the_linker_is_found_by_its_name()
        => Assert.Equal(0xffffffff81000010, Resolve().Find(Extern("untyped"))!.Address);

    [Fact]
    public void Hidden_addresses_are_reported_as_refused_not_as_absent()
    {
        _kernel.Files["/proc/kallsyms"] = "0000000000000000 T _text\n0000000000000000 t untyped\n"u8.ToArray();

        BpfPermissionException refusal = Assert.Throws<BpfPermissionException>(() => Resolve());

        Assert.Contains("CAP_SYSLOG", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_symbols_of_one_name_are_ambiguous()
    {
        _kernel.Files["/proc/kallsyms"] = "ffffffff81000000 T untyped\nffffffff81000010 t untyped\n"u8.ToArray();

        Assert.Contains("several symbols", Assert.Throws<BpfException>(() => Resolve()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_function_is_not_called_absent_where_modules_cannot_be_listed()
    {
        _kernel.Answer(BpfCommand.BtfGetNextId, -Errno.EPERM);

        ResolvedExterns resolved = Resolve();

        Assert.Null(resolved.Find(Extern("variable")));
        Assert.Contains("CAP_SYS_ADMIN", resolved.WhyMissing(Extern("variable")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_BTF_may_have_an_installed_vmlinux()
    {
        _kernel.Files.Remove(KernelBtf.Path);
        _kernel.Files["/boot/vmlinux-6.1.0-50-amd64"] = "no ELF"u8.ToArray();
        _kernel.Files["/usr/lib/debug/lib/modules/6.1.0-50-amd64/vmlinux"] = TestData.Bytes("core-target.bpf.o");

        using (KernelBtf types = KernelBtf.Acquire(_kernel))
        {
            Assert.Equal("/usr/lib/debug/lib/modules/6.1.0-50-amd64/vmlinux", types.Types.Source);
        }

        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    [Fact]
    public void A_kernel_without_types_is_reported_with_the_option_it_lacks()
    {
        _kernel.Files.Remove(KernelBtf.Path);

        string message = Assert.Throws<BpfFeatureNotSupportedException>(() => KernelBtf.Acquire(_kernel)).Message;

        Assert.Contains("CONFIG_DEBUG_INFO_BTF", message, StringComparison.Ordinal);
        Assert.Contains("/boot/vmlinux-6.1.0-50-amd64", message, StringComparison.Ordinal);
    }

    private BpfExternSpec Extern(string name) => _spec.Externs.Single(e => e.Name == name);

    private ResolvedExterns Resolve(string? overlay = null)
    {
        using var running = new RunningTypes(_kernel);
        return new ExternResolver(_kernel, _spec, running, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance).Resolve(overlay);
    }
}
