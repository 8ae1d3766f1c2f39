#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

__u64 seen;

SEC("tracepoint/sched/sched_switch")
int BPF_PROG(program, _Bool preempt, struct task_struct *prev) /*here*/
{
	seen += BPF_CORE_READ(prev, tgid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
