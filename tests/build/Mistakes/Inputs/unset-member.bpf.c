#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

struct fork {
	__u64 time_ns;
	__u32 pid;
	__u32 exit_code;
};

HM_RINGBUF(forks, struct fork, 4096);

SEC("raw_tp/sched_process_fork")
int program(void *ctx)
{
	struct fork *fork = hm_reserve(forks); /*here*/

	if (!fork)
		return 0;
	fork->time_ns = bpf_ktime_get_ns();
	fork->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_ringbuf_submit(fork, 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
