#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct exec {
	__u64 time_ns;
	__u64 cpu;
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct exec *);
} execs SEC(".maps"); /*here*/

SEC("raw_tp/sched_process_exec")
int program(void *ctx)
{
	struct exec exec = { .time_ns = bpf_ktime_get_ns(), .cpu = bpf_get_smp_processor_id() };

	bpf_ringbuf_output(&execs, &exec, sizeof(exec), 0);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
