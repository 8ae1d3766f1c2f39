#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

__u64 seen;

SEC("tc")
int program(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(ETH_P_IP)) /*here*/
		seen++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
