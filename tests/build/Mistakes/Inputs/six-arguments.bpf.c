#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 sum;

static __noinline int add(__u32 a, __u32 b, __u32 c, __u32 d, __u32 e, __u32 f) /*here*/
{
	sum += a + b * c + d * e + f;
	return a ^ f;
}

SEC("xdp")
int program(struct xdp_md *ctx)
{
	__u64 now = bpf_ktime_get_ns();

	return add(now, now >> 3, now >> 5, now >> 7, now >> 9, now >> 11) ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
