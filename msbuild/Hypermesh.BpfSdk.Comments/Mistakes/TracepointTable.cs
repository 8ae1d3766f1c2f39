namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>The arguments of often used tracepoints in the kernels from 5.10 to 7.2, for C files without vmlinux.h. A form that only leaves out the last arguments of another has no row.</summary>
internal static class TracepointTable
{
    private static readonly ILookup<string, string> s_rows = new (string Name, string Arguments)[]
    {
        ("block_io_done", "struct request *rq"),
        ("block_io_start", "struct request *rq"),
        ("block_rq_complete", "struct request *rq, int error, unsigned int nr_bytes"),
        ("block_rq_error", "struct request *rq, int error, unsigned int nr_bytes"),
        ("block_rq_insert", "struct request *rq"),
        ("block_rq_insert", "struct request_queue *q, struct request *rq"),
        ("block_rq_issue", "struct request *rq"),
        ("block_rq_issue", "struct request_queue *q, struct request *rq"),
        ("cgroup_attach_task", "struct cgroup *dst_cgrp, char *path, struct task_struct *task, _Bool threadgroup"),
        ("consume_skb", "struct sk_buff *skb, void *location"),
        ("cpu_frequency", "unsigned int frequency, unsigned int cpu_id"),
        ("dma_fence_emit", "struct dma_fence *fence"),
        ("dma_fence_signaled", "struct dma_fence *fence"),
        ("inet_sock_set_state", "struct sock *sk, int oldstate, int newstate"),
        ("kfree", "unsigned long call_site, void *ptr"),
        ("kfree_skb", "struct sk_buff *skb, void *location, unsigned int reason, struct sock *rx_sk"),
        ("kmalloc", "unsigned long call_site, void *ptr, unsigned long bytes_req, unsigned long bytes_alloc, unsigned int gfp_flags, int node"),
        ("kmem_cache_alloc", "unsigned long call_site, void *ptr, unsigned long bytes_req, unsigned long bytes_alloc, unsigned int gfp_flags"),
        ("kmem_cache_alloc", "unsigned long call_site, void *ptr, struct kmem_cache *s, unsigned int gfp_flags, int node"),
        ("kmem_cache_free", "unsigned long call_site, void *ptr, struct kmem_cache *s"),
        ("mark_victim", "int pid"),
        ("mark_victim", "struct task_struct *task, unsigned int uid"),
        ("mm_page_alloc", "struct page *page, unsigned int order, unsigned int gfp_flags, int migratetype"),
        ("mm_page_free", "struct page *page, unsigned int order"),
        ("net_dev_xmit", "struct sk_buff *skb, int rc, struct net_device *dev, unsigned int skb_len"),
        ("netif_receive_skb", "struct sk_buff *skb"),
        ("page_fault_user", "unsigned long address, struct pt_regs *regs, unsigned long error_code"),
        ("rss_stat", "struct mm_struct *mm, int member, long count"),
        ("sched_process_exec", "struct task_struct *p, int old_pid, struct linux_binprm *bprm"),
        ("sched_process_exit", "struct task_struct *p, _Bool group_dead"),
        ("sched_process_fork", "struct task_struct *parent, struct task_struct *child"),
        ("sched_stat_runtime", "struct task_struct *tsk, unsigned long long runtime, unsigned long long vruntime"),
        ("sched_switch", "_Bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int prev_state"),
        ("sched_wakeup", "struct task_struct *p"),
        ("sched_wakeup_new", "struct task_struct *p"),
        ("signal_generate", "int sig, struct kernel_siginfo *info, struct task_struct *task, int group, int result"),
        ("sock_recv_length", "struct sock *sk, int ret, int flags"),
        ("sock_send_length", "struct sock *sk, int ret, int flags"),
        ("sys_enter", "struct pt_regs *regs, long id"),
        ("sys_exit", "struct pt_regs *regs, long ret"),
        ("task_newtask", "struct task_struct *task, unsigned long long clone_flags"),
        ("tcp_probe", "struct sock *sk, struct sk_buff *skb"),
        ("tcp_retransmit_skb", "struct sock *sk, struct sk_buff *skb, int err"),
    }.ToLookup(static row => row.Name, static row => row.Arguments, StringComparer.Ordinal);

    /// <summary>Returns the forms that a tracepoint has; none for one that is not known.</summary>
    public static IEnumerable<TracepointArgument[]> Of(string tracepoint)
        => s_rows[tracepoint].Select(static row => Array.ConvertAll(row.Split(", "), TracepointArgument.Parse));
}
