#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("tc")
int program(struct __sk_buff *skb)
{
	if (skb->protocol == bpf_htons(0x800)) /*here*/
		seen++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
