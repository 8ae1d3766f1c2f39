#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>

struct task_struct {
	int tgid;
} __attribute__((preserve_access_index));

__u64 seen;

SEC("tp_btf/sched_process_exit")
int program(struct task_struct *task) /*here*/
{
	seen += BPF_CORE_READ(task, tgid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
