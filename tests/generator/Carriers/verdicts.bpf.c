#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

/* Each line that must be reported ends in a comment with the rule; tests/generator/Checks/SourceCheckTests.cs compares. */
struct record {
	__u64 time_ns;
};

HM_RINGBUF(addresses, struct record *, 4096);
HM_RINGBUF(wanted, void *, 4096);
HM_RINGBUF(whole, struct record, 4096);

__u64 seen;

SEC("raw_tp/sched_switch")
int sends(void *ctx)
{
	struct record record = { .time_ns = bpf_ktime_get_ns() };

	if (bpf_ringbuf_output(&addresses, &record, sizeof(record), 0)) /* HMBPF2515 */
		hm_count_dropped(&addresses__dropped);
	if (bpf_ringbuf_output(&wanted, &ctx, sizeof(ctx), 0))
		hm_count_dropped(&wanted__dropped);
	return hm_output(whole, &record);
}

SEC("cgroup_skb/egress")
int counts_packets(struct __sk_buff *skb)
{
	if (skb->len > 100) {
		__sync_fetch_and_add(&seen, 2);
		return 0;
	}
	__sync_fetch_and_add(&seen, 1);
	return 0;
} /* HMBPF2527 */

SEC("cgroup/connect4")
int counts_connects(struct bpf_sock_addr *ctx)
{
	seen += ctx->user_family;
	return 0; /* HMBPF2527 */
}

SEC("lsm_cgroup/socket_bind")
int counts_binds(void *ctx)
{
	seen++;
	return 0; /* HMBPF2527 */
}

SEC("lsm/file_open")
int counts_files(void *ctx)
{
	seen++;
	return 0;
}

SEC("cgroup/sock_release")
int counts_releases(struct bpf_sock *ctx)
{
	seen++;
	return 0;
}

SEC("cgroup_skb/ingress")
int lets_pass(struct __sk_buff *skb)
{
	seen++;
	return 1;
}

SEC("cgroup_skb/ingress")
int chooses(struct __sk_buff *skb)
{
	seen++;
	if (skb->len > 100)
		return 0;
	return 1;
}

SEC("cgroup_skb/ingress")
int computes(struct __sk_buff *skb)
{
	seen++;
	return skb->len > 100;
}

SEC("cgroup_skb/ingress")
int drops_all(struct __sk_buff *skb)
{
	seen++;
	return 0;
}

SEC("cgroup_skb/ingress")
int stops(struct __sk_buff *skb)
{
	seen++;
	return 0; /* none of them is let in: deny */
}

SEC("cgroup/sock_create")
int writes_nothing(struct bpf_sock *ctx)
{
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
