#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("raw_tp/sched_switch")
int program(void *ctx)
{
	__u64 us = bpf_ktime_get_ns() / 1000;

	bpf_printk("%.3f ms", us / 1000); /*here*/
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
