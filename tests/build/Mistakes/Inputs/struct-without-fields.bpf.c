#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct;

int last;

SEC("tp_btf/sched_switch")
int program(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	last = task->tgid; /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
