#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 switches;

SEC("tp_btf/sched_switch")
int BPF_PROG(program, _Bool preempt, void *previous, void *next) /*here*/
{
	switches += preempt;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
