#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 forks_seen;

SEC("tp_btf/sched_proces_fork")
int on_misspelt(__u64 *ctx)
{
	__sync_fetch_and_add(&forks_seen, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
