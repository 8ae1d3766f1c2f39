#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tp_btf")
int program(__u64 *ctx)
{
	return 0; /*here*/
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
