#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

/* As in /sys/kernel/tracing/events/sched/sched_switch/format. */
struct record {
	unsigned short common_type;
	unsigned char common_flags;
	unsigned char common_preempt_count;
	int common_pid;
	char prev_comm[16];
	int prev_pid;
	int prev_prio;
};

__u64 seen;

SEC("raw_tp/sched_switch")
int program(struct record *ctx) /*here*/
{
	seen += ctx->prev_pid;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
