using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>A load against a kernel that refuses at any one call: an exception of ours, and nothing left open or mapped.</summary>
public sealed class ObjectLoadTests
{
    private static readonly int[] s_errnos = [Errno.EPERM, Errno.EINVAL, Errno.ENOMEM, Errno.E2BIG, Errno.EMFILE, Errno.ENOSPC];

    [Fact]
    public void Loading_and_disposing_leave_nothing_open()
    {
        var kernel = new ScriptedKernel();

        using (BpfObject live = Load(kernel))
        {
            Assert.Equal(["first", "second"], live.Programs.Select(static program => program.Name));
            Assert.True(live.Programs[0].IsLoaded);
            Assert.False(live.Programs[1].IsLoaded);
            Assert.NotEmpty(kernel.OpenDescriptors);
        }

        Assert.Empty(kernel.OpenDescriptors);
        Assert.Equal(0, kernel.Mapped);
    }

    [Fact]
    public void Constants_are_frozen_before_any_program_is_loaded()
    {
        var kernel = new ScriptedKernel();
        List<BpfCommand> commands = Commands(kernel);

        using BpfObject live = Load(kernel);

        Assert.Equal(1, commands.Count(static command => command == BpfCommand.MapFreeze));
        // What was loaded before it are the probes of the kernel's features.
        Assert.Equal(1, commands.Skip(commands.IndexOf(BpfCommand.MapFreeze)).Count(static command => command == BpfCommand.ProgramLoad));
    }

    [Fact]
    public void Every_command_may_fail_with_every_error()
    {
        int commands = Commands(new ScriptedKernel(), Load).Count;
        Assert.True(commands > 6, $"{commands} commands");
        for (int failing = 0; failing < commands; failing++)
        {
            foreach (int errno in s_errnos)
            {
                var kernel = new ScriptedKernel();
                int count = 0;
                kernel.OnBpf = (_, _) => count++ == failing ? -errno : null;

                Exception? thrown = Record.Exception(() => Load(kernel).Dispose());

                // A refused log or type blob is no failure of the load: then it ends well, and just as clean.
                Assert.True(thrown is null or BpfException, $"command {failing}, {Errno.Name(errno)}: {thrown}");
                Assert.True(kernel.OpenDescriptors.Count == 0 && kernel.Mapped == 0, $"command {failing}, {Errno.Name(errno)}: {kernel.OpenDescriptors.Count} open, {kernel.Mapped} mapped");
            }
        }
    }

    [Fact]
    public void An_object_of_the_other_byte_order_is_refused()
    {
        var kernel = new ScriptedKernel();
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("small-be.bpf.o"), "small");

        Assert.Contains("big-endian", Assert.Throws<BpfException>(() => BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel, KernelTypes = TestData.Btf(spec.Elf) })).Message, StringComparison.Ordinal);
        Assert.Empty(kernel.OpenDescriptors);
    }

    [Fact]
    public void A_mapping_may_fail()
    {
        var kernel = new ScriptedKernel();
        kernel.Answer("mmap", -Errno.ENOMEM);

        Assert.ThrowsAny<BpfException>(() => Load(kernel));

        Assert.Empty(kernel.OpenDescriptors);
        Assert.Equal(0, kernel.Mapped);
    }

    [Fact]
    public void An_interrupted_load_is_tried_again()
    {
        var kernel = new ScriptedKernel();
        int interruptions = 2;
        kernel.OnBpf = (command, _) => command == BpfCommand.ProgramLoad && interruptions-- > 0 ? -Errno.EAGAIN : null;

        using BpfObject live = Load(kernel);

        Assert.True(live.Programs[0].IsLoaded);
    }

    [Fact]
    public void An_object_that_needs_kernel_types_says_so_where_there_are_none()
    {
        var kernel = new ScriptedKernel();

        BpfFeatureNotSupportedException reason = Assert.Throws<BpfFeatureNotSupportedException>(
            () => BpfObject.Load(Spec(), new BpfLoadOptions { Kernel = kernel }));

        Assert.Contains("CONFIG_DEBUG_INFO_BTF", reason.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.OpenDescriptors);
    }

    [Fact]
    public void All_missing_capabilities_are_named_at_once()
    {
        var kernel = new ScriptedKernel();
        kernel.Files["/proc/thread-self/status"] = "CapEff:\t0000000000000000\n"u8.ToArray();
        kernel.OnBpf = static (command, _) => command == BpfCommand.MapCreate ? -Errno.EPERM : null;
        BpfObjectSpec spec = Spec();
        spec.Program("second").Enabled = true;

        var reason = Assert.Throws<BpfPermissionException>(() => BpfObject.Load(spec, new BpfLoadOptions { Kernel = kernel, KernelTypes = TestData.Btf(spec.Elf) }));

        Assert.Equal("CAP_BPF, CAP_PERFMON", reason.MissingCapability);
        Assert.Contains("The object as a whole lacks CAP_BPF, CAP_PERFMON", reason.Message, StringComparison.Ordinal);
        Assert.Empty(kernel.OpenDescriptors);
    }

    [Fact]
    public void What_is_used_after_disposal_is_named()
    {
        var kernel = new ScriptedKernel();
        BpfObject live = Load(kernel);
        BpfMapHandle map = live.GetMap("events");
        BpfProgram program = live.Programs[0];
        live.Dispose();

        Assert.Contains("map events of small", Assert.Throws<ObjectDisposedException>(() => map.Freeze()).Message, StringComparison.Ordinal);
        Assert.Contains("program first of small", Assert.Throws<ObjectDisposedException>(() => program.GetInfo()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_lists_the_names_there_are()
    {
        BpfException map = Assert.Throws<BpfException>(() => Spec().Map("event"));
        Assert.Contains("events", map.Message, StringComparison.Ordinal);

        using BpfObject live = Load(new ScriptedKernel());
        BpfException program = Assert.Throws<BpfException>(() => live.GetProgram<BpfSocketFilterProgram>("third"));
        Assert.Contains("first, second", program.Message, StringComparison.Ordinal);
        BpfException kind = Assert.Throws<BpfException>(() => live.GetProgram<BpfXdpProgram>("first"));
        Assert.Contains(nameof(BpfSocketFilterProgram), kind.Message, StringComparison.Ordinal);
    }

    private static BpfObjectSpec Spec() => BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");

    // The object's own types stand for the kernel's: its CO-RE relocation finds what it asks for.
    private static BpfObject Load(ScriptedKernel kernel)
    {
        BtfTypes types = TestData.Btf(TestData.Elf("small.bpf.o"));
        return BpfObject.Load(Spec(), new BpfLoadOptions { Kernel = kernel, KernelTypes = types });
    }

    private static List<BpfCommand> Commands(ScriptedKernel kernel, Func<ScriptedKernel, BpfObject>? load = null)
    {
        var commands = new List<BpfCommand>();
        kernel.OnBpf = (command, _) =>
        {
            commands.Add(command);
            return null;
        };
        load?.Invoke(kernel).Dispose();
        return commands;
    }
}
