#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

struct task_struct {
	int pid;
} __attribute__((preserve_access_index));

int last;

SEC("raw_tp/sched_switch")
int BPF_PROG(program, struct task_struct *prev, struct task_struct *next) /*here*/
{
	last = BPF_CORE_READ(next, pid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
