#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int tgid_of_old;
} __attribute__((preserve_access_index));

int last_group;

SEC("tp_btf/sched_process_exit")
int on_renamed(__u64 *ctx)
{
	struct task_struct *task = (void *)ctx[0];

	last_group = task->tgid_of_old; /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
