#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

struct event {
	__u32 pid;
};

HM_RINGBUF(events, struct event, 64 * 1024);

SEC("raw_tp/sched_process_fork")
int program(void *ctx)
{
	struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &event, sizeof(event));
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
