#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 packets;

SEC("cgroup_skb/egress")
int program(struct __sk_buff *skb)
{
	__sync_fetch_and_add(&packets, 1);
	return 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
