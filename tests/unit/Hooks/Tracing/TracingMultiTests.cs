using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Tracing;

/// <summary>Typed programs at many functions: which functions a pattern means, and what the kernel is given.</summary>
public sealed unsafe class TracingMultiTests
{
    private const string Traceable = "/sys/kernel/tracing/available_filter_functions";

    private readonly ScriptedKernel _kernel = new();
    private readonly Dictionary<string, int> _functions = [];
    private readonly List<(uint Program, uint Type, int[] Ids, ulong[]? Cookies)> _links = [];

    public TracingMultiTests()
    {
        var types = new BtfBuilder();
        int integer = types.Int("int", 4, BtfIntEncoding.Signed);
        int small = types.Struct("small", 16, ("a", integer, 0));
        int large = types.Struct("large", 24, ("a", integer, 0));
        Add(types, "do_one", integer, integer);
        Add(types, "do_two", 0, types.Typedef("word", integer), small);
        Add(types, "do_large", integer, large);
        Add(types, "do_print", integer, types.Pointer(integer), 0);
        Add(types, "do_give", small);
        Add(types, "do_many", integer, [.. Enumerable.Repeat(integer, 13)]);
        Add(types, "undo_one", integer);
        Add(types, "do_hidden", integer);
        Add(types, "do_one", 0);
        _kernel.Files[KernelBtf.Path] = types.Build();
        _kernel.Files["/proc/kallsyms"] = "ffffffff81000000 T typeless\n"u8.ToArray();
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command == BpfCommand.LinkCreate)
            {
                var link = (LinkCreateAttr*)attributes;
                int count = (int)link->TracingMultiCnt;
                _links.Add((link->ProgFd, link->AttachType, new ReadOnlySpan<int>((void*)link->TracingMultiIds, count).ToArray(),
                    link->TracingMultiCookies == 0 ? null : new ReadOnlySpan<ulong>((void*)link->TracingMultiCookies, count).ToArray()));
                Assert.Equal((0u, 0u), (link->Flags, link->TargetFd));
            }

            return null;
        };
    }

    [Theory]
    [InlineData(BpfAttachType.TraceFEntryMulti, 59)]
    [InlineData(BpfAttachType.TraceFExitMulti, 60)]
    [InlineData(BpfAttachType.TraceFSessionMulti, 61)]
    public void A_pattern_selects_the_functions_a_trampoline_supports(BpfAttachType type, uint number)
    {
        BpfTracingMultiProgram program = Program(type, "do_*");

        program.Attach();

        (uint programDescriptor, uint attachType, int[] ids, ulong[]? cookies) = Assert.Single(_links);
        Assert.Equal(number, attachType);
        Assert.Equal(program.Handle.DangerousGetHandle(), (nint)programDescriptor);
        Assert.Equal([_functions["do_one"], _functions["do_two"], _functions["do_hidden"]], ids);
        Assert.Null(cookies);
        Clean(program);
    }

    [Fact]
    public void Functions_that_tracefs_does_not_list_are_skipped()
    {
        _kernel.Files[Traceable] = "do_one\ndo_two [module]\nundo_one\n"u8.ToArray();
        BpfTracingMultiProgram program = Program(BpfAttachType.TraceFEntryMulti, "*do_*");

        program.Attach();

        Assert.Equal([_functions["do_one"], _functions["do_two"], _functions["undo_one"]], Assert.Single(_links).Ids);
        Clean(program);
    }

    [Fact]
    public void Functions_have_their_cookies_in_order()
    {
        BpfTracingMultiProgram program = Program(BpfAttachType.TraceFEntryMulti, null);
        Assert.Null(program.AutoAttach());

        program.Attach(["undo_one", "vmlinux:do_one"], [7, ulong.MaxValue]);
        program.Attach([_functions["do_two"]], [9]);

        Assert.Equal([_functions["undo_one"], _functions["do_one"]], _links[0].Ids);
        Assert.Equal([7, ulong.MaxValue], _links[0].Cookies!);
        Assert.Equal([_functions["do_two"]], _links[1].Ids);
        Assert.Equal([9ul], _links[1].Cookies!);
        Clean(program);
    }

    [Theory]
    [InlineData("no_such_*", "matches no_such_*")]
    [InlineData("no_such", "Kernel function no_such")]
    [InlineData("typeless", "kprobe.multi")]
    [InlineData("module:do_*", "SEC(\"fentry.multi/module:*\")")]
    public void A_missing_target_is_named(string pattern, string words)
    {
        BpfTracingMultiProgram program = Program(BpfAttachType.TraceFEntryMulti, null);

        Assert.Contains(words, Assert.ThrowsAny<BpfException>(() => program.Attach(pattern)).Message, StringComparison.Ordinal);

        Assert.Empty(_links);
        Clean(program);
    }

    [Theory]
    [InlineData(Errno.ENOENT, "Kernel function do_hidden")]
    [InlineData(Errno.EINVAL, "leave it out")]
    [InlineData(Errno.ENOMEM, "ENOMEM")]
    [InlineData(Errno.EPERM, "Attaching program p")]
    public void An_error_names_the_function_or_the_reason(int errno, string words)
    {
        _kernel.Files[Traceable] = "do_one\n"u8.ToArray();
        _kernel.OnBpf = (command, attributes) => command != BpfCommand.LinkCreate ? null
            : ((LinkCreateAttr*)attributes)->TracingMultiIds == 1 ? -Errno.EFAULT : -errno;
        BpfTracingMultiProgram program = Program(BpfAttachType.TraceFEntryMulti, null);

        Assert.Contains(words, Assert.ThrowsAny<BpfException>(() => program.Attach(["do_one", "do_hidden"])).Message, StringComparison.Ordinal);

        Clean(program);
    }

    [Theory]
    [InlineData(Errno.EINVAL)]
    [InlineData(Errno.EOPNOTSUPP)]
    public void A_kernel_without_the_link_is_reported(int errno)
    {
        _kernel.OnBpf = (command, _) => command == BpfCommand.LinkCreate ? -errno : null;
        BpfTracingMultiProgram program = Program(BpfAttachType.TraceFEntryMulti, null);

        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach(["do_one"]));

        Assert.Contains("Linux 7.2", refusal.Message, StringComparison.Ordinal);
        Clean(program);
    }

    private void Add(BtfBuilder types, string name, int result, params int[] parameters) => _functions.TryAdd(name, types.Function(name, types.Prototype(result, parameters)));

    private BpfTracingMultiProgram Program(BpfAttachType type, string? target) => new(new BpfProgramDescriptor(_kernel, "p", BpfProgramType.Tracing)
    {
        AttachType = type,
        SectionName = target is null ? "fentry.multi" : "fentry.multi/" + target,
        Target = target,
        Handle = _kernel.NewHandle(),
    });

    private void Clean(BpfTracingMultiProgram program)
    {
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
