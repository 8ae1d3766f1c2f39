using System.Globalization;
using System.IO.Compression;
using Hypermesh.Bpf.Features;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>Options of the kernel's configuration: what the program reads is what the kernel was built with.</summary>
public sealed class KernelConfigTests : KernelTest
{
    private const string Lines = """
        # a comment
        CONFIG_HM_BOOL=y
        CONFIG_HM_TRI=m
        CONFIG_HM_LETTER=m
        CONFIG_HM_BYTE=-128
        CONFIG_HM_SHORT=-2
        CONFIG_HM_WORD=0xffffffff
        CONFIG_HM_LONG=18446744073709551615
        CONFIG_HM_TEXT="0123456789"
        """;

    [Fact]
    [Row("externs", "LINUX_KERNEL_VERSION, LINUX_HAS_SYSCALL_WRAPPER")]
    [Row("externs", "LINUX_HAS_BPF_COOKIE")]
    [Row("sections", ".kconfig (extern section via BTF DATASEC)")]
    public void The_virtual_options_are_detected()
    {
        Externs live = Run();

        Assert.Equal(KernelVersion.Code(Kernel), live.Globals.Version);
        Assert.Equal(KernelFacts.Has(BpfFeature.AttachCookie) ? 1ul : 0, live.Globals.Cookie);
        Assert.Equal(KernelFacts.Has(BpfFeature.SyscallWrapper) ? 1ul : 0, live.Globals.Wrapper);
        Assert.Equal(0ul, live.Globals.Nothing);
    }

    [Fact]
    [Row("externs", "extern ... __kconfig: CONFIG_* (bool, tristate, char, int, string), weak")]
    [Row("externs", "Kconfig source: /boot/config-RELEASE, then /proc/config.gz")]
    public void The_kernels_own_configuration_is_read()
    {
        Externs live = Run();

        Assert.Equal(1ul, live.Globals.Syscall);
        Assert.Equal(1ul, live.Globals.Tristate);
        Assert.Equal('y', (char)live.Globals.Letter);
        Assert.Equal(ulong.Parse(ValueOf("CONFIG_HZ"), CultureInfo.InvariantCulture), live.Globals.Hz);
        Assert.Equal(0ul, live.Globals.Missing);
        // Cut to eleven bytes and a NUL.
        Assert.Equal(ValueOf("CONFIG_CC_VERSION_TEXT")[1..12], live.Globals.Compiler.ToString());
    }

    [Fact]
    [Row("externs", "Kconfig: user text overlay")]
    public void The_overlay_takes_precedence_over_the_kernels_configuration()
    {
        Options live = Own(Options.Open().Load(new BpfLoadOptions { KernelConfig = Lines }));
        live.Attach();
        Wait(() => live.Globals.Done);

        Assert.Equal(1ul, live.Globals.SeenBool);
        Assert.Equal(2ul, live.Globals.SeenTri);
        Assert.Equal('m', (char)live.Globals.SeenLetter);
        Assert.Equal(-128, live.Globals.SeenByte);
        Assert.Equal(-2, live.Globals.SeenShort);
        Assert.Equal(uint.MaxValue, live.Globals.SeenWord);
        Assert.Equal(ulong.MaxValue, live.Globals.SeenLong);
        Assert.Equal("0123456", live.Globals.SeenText.ToString());
    }

    [Fact]
    [Row("externs", "missing non-weak CONFIG_*")]
    public void An_option_that_the_kernel_does_not_have_is_named()
    {
        string withoutOne = string.Join('\n', Lines.Split('\n').Where(static line => !line.StartsWith("CONFIG_HM_WORD", StringComparison.Ordinal)));

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(
            () => Options.Open().Load(new BpfLoadOptions { KernelConfig = withoutOne }));

        Assert.Contains("CONFIG_HM_WORD", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("externs", ".kconfig read-only")]
    public void The_section_is_read_only_and_frozen()
    {
        Externs live = Run();
        BpfGlobalSection section = live.Live.GetSection(".kconfig");

        Assert.True(section.IsReadOnly);
        BpfPermissionException refusal = Assert.Throws<BpfPermissionException>(() => BpfGlobalSection.WriteImage(section.Map, new byte[section.Size]));
        Assert.Equal(BpfRefusal.MapAccess, refusal.Refused);
    }

    private static string ValueOf(string option)
    {
        string file = "/boot/config-" + File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        using Stream content = File.Exists(file) ? File.OpenRead(file) : new GZipStream(File.OpenRead("/proc/config.gz"), CompressionMode.Decompress);
        using var text = new StreamReader(content);
        return text.ReadToEnd().Split('\n').First(line => line.StartsWith(option + "=", StringComparison.Ordinal))[(option.Length + 1)..];
    }

    private Externs Run()
    {
        Externs live = Own(Externs.Open().Load());
        live.Attach();
        Wait(() => live.Globals.Done);
        return live;
    }

    private static void Wait(Func<ulong> done)
    {
        Assert.True(SpinWait.SpinUntil(() => { Thread.Sleep(1); return done() != 0; }, TimeSpan.FromSeconds(60)), "the program did not run");
    }
}
