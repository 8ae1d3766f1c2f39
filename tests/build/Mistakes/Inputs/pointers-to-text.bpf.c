#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static const char *const names[] = { "even", "odd" };
__u64 seen;
char label[8];

SEC("tracepoint/sched/sched_process_fork")
int on_fork(void *ctx)
{
	seen++;
	bpf_probe_read_kernel_str(label, sizeof(label), names[seen & 1]);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
