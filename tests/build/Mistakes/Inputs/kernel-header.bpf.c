#include <net/sock.h> /*here*/
#include <bpf/bpf_helpers.h>

int last;

SEC("tp_btf/sched_switch")
int program(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[1];

	last = task->tgid;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
