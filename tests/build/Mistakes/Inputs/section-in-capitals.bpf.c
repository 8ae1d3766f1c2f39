#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("SOCKET")
int program(struct __sk_buff *skb)
{
	return 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
