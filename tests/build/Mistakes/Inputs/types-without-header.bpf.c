#include <bpf/bpf_helpers.h> /*here*/

__u64 seen;

SEC("xdp")
int program(void *ctx)
{
	seen++;
	return 2;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
