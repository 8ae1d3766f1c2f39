#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/metric.h>

const volatile __u64 limit HM_COUNTER("app.limit", "{packet}") = 3; /*here*/
__u64 seen HM_COUNTER("app.seen", "{packet}");

SEC("xdp")
int program(struct xdp_md *ctx)
{
	return seen++ < limit ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
