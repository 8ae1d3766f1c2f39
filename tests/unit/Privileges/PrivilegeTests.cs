using System.Runtime.InteropServices;
using System.Text;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Privileges;

namespace Hypermesh.Bpf.Tests.Unit.Privileges;

public sealed class PrivilegeTests
{
    private const ulong All = 0x1ffffffffff;
    private const ulong NetAdmin = 1 << 12;

    private readonly ScriptedKernel _kernel = new();

    public PrivilegeTests()
    {
        _kernel.Files["/proc/thread-self/status"] = Status(1, All, isFinal: false);
        Hold(1, All, isFinal: false);
        Hold(2, All, isFinal: false);
        _kernel.ThreadIds.AddRange([1, 2]);
    }

    [Fact]
    public void Each_thread_is_signaled_until_none_holds_anything()
    {
        int told = 0;
        _kernel.OnSignal = thread =>
        {
            told++;
            Hold(thread, 0, isFinal: true);
        };
        BpfPrivileges.Drop(_kernel, []);
        Assert.Equal(2, told);
        Assert.Equal(2, _kernel.Calls.Count(static call => call == "rt_sigaction"));
        Assert.Empty(_kernel.OpenDescriptors);

        // A thread may still be in the page.
        Assert.Equal(1, _kernel.Mapped);
    }

    [Fact]
    public void No_thread_is_signaled_twice_except_after_a_failed_signal()
    {
        int asked = 0;
        _kernel.Answer("tgkill", -Errno.EAGAIN);
        _kernel.OnSignal = thread => Hold(thread, thread == 2 && ++asked < 2 ? All : 0, isFinal: true);
        _kernel.ThreadIds.Remove(1);
        BpfPrivileges.Drop(_kernel, []);
        Assert.Equal(2, _kernel.Calls.Count(static call => call == "tgkill"));
    }

    [Fact]
    public void A_thread_that_starts_meanwhile_drops_too()
    {
        _kernel.OnSignal = thread =>
        {
            Hold(thread, NetAdmin, isFinal: true);
            if (thread == 2)
            {
                Hold(3, All, isFinal: false);
                _kernel.ThreadIds.Add(3);
            }
        };
        BpfPrivileges.Drop(_kernel, ["CAP_NET_ADMIN"]);
        Assert.Equal(3, _kernel.Calls.Count(static call => call == "tgkill"));
    }

    [Fact]
    public void A_thread_that_keeps_its_capabilities_is_named()
    {
        _kernel.OnSignal = thread => Hold(thread, thread == 2 ? All : 0, isFinal: thread != 2);
        var kept = Assert.Throws<BpfException>(() => CapabilityBroadcast.Run(_kernel, Capabilities.None, TimeSpan.FromMilliseconds(20)));
        Assert.Contains("thread 2 (worker)", kept.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("thread 1", kept.Message, StringComparison.Ordinal);

        // Its signal may still come: it is handled then as now.
        Assert.Equal(1, _kernel.Calls.Count(static call => call == "rt_sigaction"));
        Assert.Equal(2, _kernel.Calls.Count(static call => call == "tgkill"));
    }

    [Fact]
    public void Where_maps_would_become_unusable_nothing_is_dropped()
    {
        _kernel.Answer(BpfCommand.MapLookupElement, -Errno.EPERM);
        var refused = Assert.Throws<BpfFeatureNotSupportedException>(() => BpfPrivileges.Drop(_kernel, ["CAP_NET_ADMIN"]));
        Assert.Contains("5.19", refused.Message, StringComparison.Ordinal);
        Assert.Contains("iterators", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tgkill", _kernel.Calls);
        Assert.Empty(_kernel.OpenDescriptors);

        // With what they take, nothing closes.
        _kernel.OnSignal = thread => Hold(thread, (ulong)Capabilities.Bpf, isFinal: true);
        BpfPrivileges.Drop(_kernel, ["CAP_BPF"]);
    }

    [Fact]
    public void An_unknown_capability_is_an_error()
        => Assert.Contains("CAP_BFP", Assert.Throws<ArgumentException>(() => BpfPrivileges.Drop(_kernel, ["CAP_BFP"])).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("memfd_create", Errno.EMFILE)]
    [InlineData("mmap", Errno.EACCES)]
    [InlineData("rt_sigaction", Errno.EINVAL)]
    public void When_a_call_fails_nothing_is_dropped(string call, int errno)
    {
        _kernel.Answer(call, -errno);
        Assert.Equal(errno, Assert.ThrowsAny<BpfSyscallException>(() => BpfPrivileges.Drop(_kernel, [])).Errno);
        Assert.DoesNotContain("tgkill", _kernel.Calls);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(Architecture.X64)]
    [InlineData(Architecture.Arm64)]
    public void The_kept_capabilities_are_where_the_code_reads_them(Architecture architecture)
    {
        byte[] page = LoweringCode.Page(architecture, Capabilities.Bpf | Capabilities.NetAdmin);
        Assert.Equal(0x20080522u, BitConverter.ToUInt32(page, 128));
        Assert.Equal(new uint[] { 0x1000, 0x1000, 0, 0x80, 0x80, 0 }, MemoryMarshal.Cast<byte, uint>(page.AsSpan(136, 24)).ToArray());
        Assert.All(page[160..], static value => Assert.Equal(0, value));
    }

    private void Hold(int thread, ulong held, bool isFinal) => _kernel.Files[$"/proc/self/task/{thread}/status"] = Status(thread, held, isFinal);

    private static byte[] Status(int thread, ulong held, bool isFinal) => Encoding.ASCII.GetBytes(
        $"Name:\tworker\nState:\tS (sleeping)\nPid:\t{thread}\nCapInh:\t0000000000000000\nCapPrm:\t{held:x16}\nCapEff:\t{held:x16}\nNoNewPrivs:\t{(isFinal ? 1 : 0)}\n");
}
