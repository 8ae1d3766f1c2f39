#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("cgroup_skb/egress")
int program(struct __sk_buff *skb)
{
	return 9; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
