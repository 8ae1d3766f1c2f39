#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

struct exec {
	__u64 time_ns;
	__u64 cpu;
};

HM_RINGBUF(execs, struct exec *, 4096); /*here*/

SEC("raw_tp/sched_process_exec")
int program(void *ctx)
{
	struct exec exec = { .time_ns = bpf_ktime_get_ns(), .cpu = bpf_get_smp_processor_id() };

	if (bpf_ringbuf_output(&execs, &exec, sizeof(exec), 0))
		hm_count_dropped(&execs__dropped);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
