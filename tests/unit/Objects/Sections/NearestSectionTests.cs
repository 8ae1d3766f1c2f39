using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Sections;

/// <summary>What a message suggests for a section in the form of another tool, or with the target of another kind of section.</summary>
public sealed class NearestSectionTests
{
    [Theory]
    [InlineData("tracepoint:sched:sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("t:sched:sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("tracepoint:sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("tracepoint:syscalls:sys_enter_openat", "tracepoint/syscalls/sys_enter_openat")]
    [InlineData("sched:sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("syscalls/sys_enter_openat", "tracepoint/syscalls/sys_enter_openat")]
    [InlineData("kprobe:do_unlinkat", "kprobe/do_unlinkat")]
    [InlineData("k:do_unlinkat", "kprobe/do_unlinkat")]
    [InlineData("kr:do_unlinkat", "kretprobe/do_unlinkat")]
    [InlineData("kfunc:vfs_read", "fentry/vfs_read")]
    [InlineData("fentry:vmlinux:vfs_read", "fentry/vfs_read")]
    [InlineData("rt:sched_switch", "raw_tp/sched_switch")]
    [InlineData("raw_tp:sched:sched_switch", "raw_tp/sched_switch")]
    [InlineData("tp_btf:sched_switch", "tp_btf/sched_switch")]
    [InlineData("uprobe:/bin/bash:readline", "uprobe//bin/bash:readline")]
    [InlineData("usdt:/usr/bin/python3:python:function__entry", "usdt//usr/bin/python3:python:function__entry")]
    [InlineData("lsm:file_open", "lsm/file_open")]
    [InlineData("iter:task", "iter/task")]
    [InlineData("tracepoints:sched:sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("tp_brf/sched_switch", "tp_btf/sched_switch")]
    [InlineData("xdp/drop", "xdp")]
    [InlineData("xdp:xdp_exception", "tracepoint/xdp/xdp_exception")]
    [InlineData("cgroup/ingress", "cgroup_skb/ingress")]
    public void The_form_of_another_tool_is_recognized(string written, string suggested) => Assert.Equal(suggested, NearestSection.Of(written));

    [Theory]
    [InlineData("tp_btf/sched/sched_switch", "tp_btf/sched_switch")]
    [InlineData("tp_btf/sched:sched_switch", "tp_btf/sched_switch")]
    [InlineData("raw_tp/sched/sched_switch", "raw_tp/sched_switch")]
    [InlineData("raw_tp/sched:sched_switch", "raw_tp/sched_switch")]
    [InlineData("raw_tp/sys_enter_openat", "tracepoint/syscalls/sys_enter_openat")]
    [InlineData("tp_btf/sys_exit_openat", "tracepoint/syscalls/sys_exit_openat")]
    [InlineData("tracepoint/sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("tracepoint/sched:sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("tracepoint/events/sched/sched_switch", "tracepoint/sched/sched_switch")]
    [InlineData("tracepoint/my_own", "tracepoint/CATEGORY/my_own")]
    [InlineData("kprobe/vfs/vfs_read", "kprobe/vfs_read")]
    [InlineData("fentry/vfs/vfs_read", "fentry/vfs_read")]
    [InlineData("ksyscall/sys_openat", "ksyscall/openat")]
    [InlineData("ksyscall/__x64_sys_openat", "ksyscall/openat")]
    [InlineData("lsm/security_file_open", "lsm/file_open")]
    [InlineData("lsm.s/bpf_lsm_file_open", "lsm.s/file_open")]
    public void A_target_of_another_kind_of_section_is_corrected(string written, string suggested)
    {
        SectionDefinition section = SectionTable.Find(written);

        Assert.Equal(suggested, SectionForms.OfTarget(section, section.TargetOf(written)!));
    }

    [Theory]
    [InlineData("tracepoint/sched/sched_switch")]
    [InlineData("tp_btf/sched_switch")]
    [InlineData("tp_btf/nf_tables:nft_trace")]
    [InlineData("raw_tp/sys_enter")]
    [InlineData("raw_tp.w/bpf_test_finish")]
    [InlineData("kprobe/do_unlinkat+0x10")]
    [InlineData("kprobe.multi/vfs_*")]
    [InlineData("fentry/xfs:xfs_file_open")]
    [InlineData("fentry.multi/xfs:xfs_*")]
    [InlineData("fmod_ret/bpf_modify_return_test")]
    [InlineData("ksyscall/openat")]
    [InlineData("lsm/file_open")]
    [InlineData("lsm_cgroup/socket_bind")]
    [InlineData("iter/bpf_map_elem")]
    [InlineData("uprobe//bin/bash:readline")]
    [InlineData("usdt//usr/bin/python3:python:line")]
    [InlineData("struct_ops/cong_avoid")]
    public void A_correct_target_is_left_alone(string written)
    {
        SectionDefinition section = SectionTable.Find(written);

        Assert.Null(SectionForms.OfTarget(section, section.TargetOf(written)!));
    }
}
