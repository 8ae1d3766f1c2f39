#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct task_struct {
	int pid;
	int tgid;
};

int last;

SEC("raw_tp/sched_switch")
int program(void *ctx)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	bpf_probe_read_kernel(&last, sizeof(last), &task->tgid); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
