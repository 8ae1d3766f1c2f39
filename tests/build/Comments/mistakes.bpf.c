#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <hypermesh/ringbuf.h>
#include "own.h"

/* Each line that the build must report ends in a comment with the rule; tests/build/Comments/MistakeRuleTests.cs compares. */
struct task_struct;
struct sk_buff;
struct request_queue;
struct request;
struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
};

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
};

typedef void (*btf_trace_of_this_kernel)(void *, unsigned int, struct sk_buff *);

struct event {
	__u64 time_ns;
	__u32 pid;
	char comm[16];
	union {
		__u32 address;
		__u8 bytes[4];
	};
	__u8 pad[4];
};

struct key {
	__u32 device;
	__u32 queue;
};

struct text {
	__u64 common;
	__u32 __data_loc_name;
};

HM_RINGBUF(events, struct event, 4096);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct key);
	__type(value, __u64);
} by_key SEC(".maps");

__u64 seen;

static __attribute__((noinline)) int data_after(void *start, void *end)
{
	return start > end;
}

SEC("xdp")
int pointers(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	struct tcphdr *tcp;
	__u32 words[4] = {};
	__u32 *word = words;

	if ((void *)(eth + sizeof(*eth)) > end) /* HMBPF2530 */
		return XDP_PASS;
	if ((void *)(eth + 1) > end || (void *)eth + sizeof(*eth) > end || data + sizeof(*eth) + sizeof(*ip) > end)
		return XDP_PASS;
	ip = (void *)(eth + sizeof(struct ethhdr)); /* HMBPF2530 */
	ip = (void *)(eth + 1);
	if ((void *)(ip + 1) > end)
		return XDP_PASS;
	tcp = (void *)(ip + ip->ihl * 4); /* HMBPF2530 */
	seen += (long)tcp;
	tcp = (void *)ip + ip->ihl * 4;
	seen += (long)tcp;
	tcp = (void *)((char *)ip + (ip->ihl << 2));
	seen += (long)tcp;
	eth += sizeof(*eth); /* HMBPF2530 */
	seen += (long)eth;
	word = word + sizeof(*word); /* HMBPF2530 */
	word = words + sizeof(words) / sizeof(words[0]) - 1;
	seen += *word + sizeof(*eth);
	return XDP_PASS;
}

SEC("raw_tp/sched_process_fork")
int records(void *ctx)
{
	struct event *left = hm_reserve(events); /* HMBPF2532 */
	struct event *cleared;
	struct event *filled;
	struct event *plain;
	struct event local;
	struct event empty = {};
	struct key key;
	struct key whole = { .device = 1 };
	static struct key fixed;

	if (!left)
		return 0;
	left->pid = 1;
	bpf_get_current_comm(left->comm, sizeof(left->comm));
	left->address = 1;
	bpf_ringbuf_submit(left, 0);

	cleared = hm_reserve(events);
	if (!cleared)
		return 0;
	__builtin_memset(cleared, 0, sizeof(*cleared));
	cleared->pid = 1;
	bpf_ringbuf_submit(cleared, 0);

	filled = hm_reserve(events);
	if (!filled)
		return 0;
	*filled = (struct event){ .pid = 1 };
	bpf_ringbuf_submit(filled, 0);

	plain = bpf_ringbuf_reserve(&events, sizeof(*plain), 0); /* HMBPF2532 */
	if (plain != NULL) {
		plain->bytes[0] = 1;
		bpf_ringbuf_submit(plain, 0);
	}
	plain = hm_reserve(events);
	if (plain)
		bpf_ringbuf_discard(plain, 0);

	local.time_ns = bpf_ktime_get_ns();
	local.address = 0;
	local.pid = 0;
	hm_output(events, &local); /* HMBPF2532 */
	hm_output(events, &empty);
	key.device = 1;
	bpf_map_lookup_elem(&by_key, &key); /* HMBPF2532 */
	bpf_map_lookup_elem(&by_key, &whole);
	bpf_map_lookup_elem(&by_key, &fixed);
	fill(&filled->comm);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int whole_records(void *ctx)
{
	struct event *through = hm_reserve(events);
	struct event *named = hm_reserve(events);
	struct event local;
	struct key key;

	if (through) {
		fill(through);
		bpf_ringbuf_submit(through, 0);
	}
	if (named) {
		bpf_probe_read_kernel(&named->time_ns, sizeof(named->time_ns), ctx);
		named->pid = 1;
		bpf_get_current_comm(&named->comm, sizeof(named->comm));
		named->bytes[1] = 2;
		bpf_ringbuf_submit(named, 0);
	}
	__builtin_memset(&local, 0, sizeof(local));
	local.pid = 1;
	hm_output(events, &local);
	fill(&key);
	bpf_map_lookup_elem(&by_key, &key);
	return 0;
}

SEC("tracepoint/sched/sched_process_exec")
int ids(struct text *ctx)
{
	struct event *event = hm_reserve(events);
	__u32 pid = bpf_get_current_pid_tgid(); /* HMBPF2533 */
	__u32 tid = bpf_get_current_pid_tgid();
	__u32 process_pid = bpf_get_current_pid_tgid() >> 32;
	__u32 thread_pid = (__u32)bpf_get_current_pid_tgid();
	__u32 uid = bpf_get_current_uid_gid();
	__u32 gid = bpf_get_current_uid_gid(); /* HMBPF2533 */
	__u64 pid_tgid = bpf_get_current_pid_tgid();
	char name[16];

	if (event) {
		__builtin_memset(event, 0, sizeof(*event));
		event->pid = bpf_get_current_pid_tgid(); /* HMBPF2533 */
		bpf_ringbuf_submit(event, 0);
	}
	seen += pid + tid + process_pid + thread_pid + uid + gid + pid_tgid;
	bpf_probe_read_kernel_str(name, sizeof(name), (void *)ctx + ctx->__data_loc_name); /* HMBPF2534 */
	bpf_probe_read_kernel_str(name, sizeof(name), (void *)ctx + (ctx->__data_loc_name & 0xffff));
	bpf_probe_read_kernel_str(name, sizeof(name), (void *)ctx + (__u16)ctx->__data_loc_name);
	if (bpf_strncmp(name, sizeof(name), "bash") == 0)
		return 0;
	return bpf_strncmp("bash", sizeof(name), name); /* HMBPF2535 */
}

SEC("raw_tp/sched_process_free")
int as_the_kernel_names_them(void *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	__u32 pid = bpf_get_current_pid_tgid();

	seen += pid + tgid;
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(lacks_preempt, struct task_struct *prev, struct task_struct *next) /* HMBPF2531 */
{
	return prev == next;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(all_of_it, _Bool preempt, struct task_struct *prev, struct task_struct *next, unsigned int state)
{
	return prev == next;
}

SEC("raw_tp/sched_switch")
int BPF_PROG(first_two, __u64 preempt, void *prev)
{
	return prev == ctx;
}

SEC("raw_tp/sched_process_fork")
int BPF_PROG(too_many, struct task_struct *parent, struct task_struct *child, int flags) /* HMBPF2531 */
{
	return parent == child;
}

SEC("raw_tp/block_rq_insert")
int BPF_PROG(of_old_kernels, struct request_queue *queue, struct request *request)
{
	return (void *)queue == request;
}

SEC("tp_btf/of_this_kernel")
int BPF_PROG(as_in_its_types, unsigned int n, struct sk_buff *skb)
{
	return n;
}

SEC("raw_tp/of_this_kernel")
int BPF_PROG(turned, struct sk_buff *skb, unsigned int n) /* HMBPF2531 */
{
	return n;
}

SEC("raw_tp/no_such_tracepoint")
int BPF_PROG(unknown, int a, int b)
{
	return a;
}

SEC("xdp")
int lengths(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = (void *)(long)ctx->data;
	struct tcphdr *tcp = (void *)(ip + 1);
	__u32 check_sum = 0, length;

	if ((void *)(tcp + 1) > end)
		return XDP_PASS;
	length = ip->tot_len;
	seen += ip->tot_len; /* HMBPF2538 */
	seen += bpf_ntohs(ip->tot_len) - ip->ihl * 4;
	seen = seen + length; /* HMBPF2538 */
	__sync_fetch_and_add(&seen, ip->tot_len); /* HMBPF2538 */
	__sync_fetch_and_add(&seen, bpf_ntohs(ip->tot_len));
	seen -= tcp->seq - 1; /* HMBPF2538 */
	seen ^= ip->saddr;
	seen |= ip->frag_off & bpf_htons(0x2000);
	seen += (__u16)ip->tot_len;
	seen += ip->protocol;
	check_sum += ip->saddr;
	check_sum = check_sum + ip->daddr;
	if (data_after((void *)ip + ip->tot_len, end)) /* HMBPF2538 */
		seen++;
	return check_sum & 1 ? XDP_PASS : XDP_DROP;
}

struct flow {
	__be32 address;
	__be16 swapped;
	__u16 port;
	__u16 port_be;
	__u16 compared;
	__u16 turned;
	__u32 remote;
	__u32 seq;
	__u8 tail;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u16);
	__type(value, __u64);
} by_port SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be16);
	__type(value, __u64);
} by_swapped SEC(".maps");

__u16 last_port;
__be16 last_swapped;

SEC("xdp")
int copies(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct tcphdr *tcp = (void *)(long)ctx->data;
	struct bpf_sock_addr *address = (void *)ctx;
	struct flow flow = {};
	struct flow named = { .port = tcp->dest, .swapped = tcp->source }; /* HMBPF2539 */
	__u16 key = tcp->dest; /* HMBPF2539 */
	__u16 swapped = tcp->dest;
	__u16 unused = tcp->dest;

	if ((void *)(tcp + 1) > end)
		return XDP_PASS;
	flow.address = address->user_ip4;
	flow.remote = address->user_ip4;
	flow.swapped = tcp->dest;
	flow.port = tcp->dest; /* HMBPF2539 */
	flow.port = bpf_ntohs(tcp->dest);
	flow.port_be = tcp->dest;
	flow.compared = tcp->dest;
	if (flow.compared == bpf_htons(80))
		seen++;
	flow.turned = tcp->dest;
	flow.seq = tcp->seq; /* HMBPF2539 */
	flow.tail = tcp->dest;
	last_port = address->user_port; /* HMBPF2539 */
	last_swapped = tcp->dest;
	fill(&flow);
	fill(&named);
	if (bpf_map_lookup_elem(&by_port, &key) || bpf_map_lookup_elem(&by_swapped, &swapped))
		seen++;
	return bpf_ntohs(flow.turned) == unused;
}

struct sample {
	__u64 time_ns;
	__u32 start;
	__u32 seed;
	__u16 tiny;
	char comm[16];
	void *stack[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample);
} samples SEC(".maps");

static __attribute__((noinline)) int read_text(char *text, const void *from)
{
	return bpf_probe_read_kernel_str(text, sizeof(text), from); /* HMBPF2540 */
}

SEC("raw_tp/sched_process_wait")
int sizes(struct bpf_raw_tracepoint_args *ctx)
{
	struct sample *from = (void *)ctx->args[0];
	void *address = (void *)ctx->args[0];
	struct sample copy = {};
	struct event *next;
	char comm[16] = {};
	char small[8];
	__u64 number;
	__u32 half = 0;
	__u32 zero = 0;
	struct sample *sample = bpf_map_lookup_elem(&samples, &zero);

	if (!sample)
		return 0;
	bpf_probe_read_kernel(&copy, sizeof(from), from); /* HMBPF2540 */
	bpf_probe_read_kernel(&copy, sizeof(*from), from);
	bpf_probe_read_kernel(sample, sizeof(sample), from); /* HMBPF2540 */
	bpf_probe_read_kernel(&half, sizeof(address), address); /* HMBPF2540 */
	bpf_probe_read_kernel(&half, sizeof(half), address);
	bpf_probe_read_kernel(&next, sizeof(next), address);
	bpf_probe_read_kernel(&number, sizeof(address), address);
	bpf_probe_read_kernel(small, sizeof(address), address);
	bpf_probe_read_kernel(comm, sizeof(struct event *), address);
	bpf_probe_read_kernel(&sample->stack, sizeof(address), address);
	bpf_probe_read_kernel(&sample->stack[1], sizeof(next), address);
	bpf_probe_read_kernel(&sample->comm[8], sizeof(next), &next);
	bpf_get_current_comm(sample->comm, sizeof(sample)); /* HMBPF2540 */
	bpf_get_current_comm(&sample->comm, sizeof(address)); /* HMBPF2540 */
	bpf_get_current_comm(comm, sizeof(comm));
	seen += copy.time_ns + number + half + comm[0] + small[0] + (next == address) + read_text(comm, address);
	return 0;
}

SEC("xdp")
int header_lengths(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip;
	__u64 nh_off = sizeof(eth); /* HMBPF2540 */
	__u64 size_of_pointer = sizeof(eth);
	__u64 *word = data;

	if (data + sizeof(eth) > end) /* HMBPF2540 */
		return XDP_PASS;
	if (data + sizeof(*eth) + sizeof(ip) > end) /* HMBPF2540 */
		return XDP_PASS;
	if (end - data < sizeof(eth)) /* HMBPF2540 */
		return XDP_PASS;
	if (data + sizeof(word) > end || data + sizeof(*eth) + sizeof(*ip) > end || sizeof(eth) < sizeof(*eth) - 20)
		return XDP_PASS;
	ip = data + sizeof(eth); /* HMBPF2540 */
	seen += ip->ttl + nh_off + size_of_pointer + *word;
	return XDP_PASS;
}

SEC("raw_tp/sched_process_hang")
int times(void *ctx)
{
	struct sample named = { .start = bpf_ktime_get_boot_ns(), .time_ns = bpf_ktime_get_ns() }; /* HMBPF2541 */
	__u32 now = bpf_ktime_get_ns(); /* HMBPF2541 */
	__u64 whole = bpf_ktime_get_ns();
	__u32 low = (__u32)bpf_ktime_get_ns();
	__u32 seed = bpf_ktime_get_ns();
	__u32 ms = bpf_ktime_get_ns() / 1000000;
	__u32 took = bpf_ktime_get_ns() - whole;

	named.tiny = bpf_ktime_get_ns(); /* HMBPF2541 */
	named.time_ns = bpf_ktime_get_ns();
	seen += now + whole + low + seed + ms + took + named.start + named.time_ns + named.tiny;
	return 0;
}

SEC("iter/task")
int formats(struct bpf_iter__task *ctx)
{
	static const char own[] = "%e of %d";
	char comm[16] = "";
	__u64 args[] = { 1 };

	bpf_printk("%f", seen); /* HMBPF2542 */
	bpf_printk("%d %s %.2f", 1, comm, seen); /* HMBPF2542 */
	bpf_printk("%d%% of %llu and %-8s|%+3d|%08lx|%c|%p|%pI4|%5d|% d", 1, seen, comm, 1, seen, 'a', ctx, args, 1, 1);
	bpf_printk("%#x", 1); /* HMBPF2542 */
	bpf_printk("%zu", seen); /* HMBPF2542 */
	bpf_printk("%hu", 1); /* HMBPF2542 */
	bpf_printk("%.16s", comm); /* HMBPF2542 */
	bpf_printk("50%, and %d", 1); /* HMBPF2542 */
	bpf_printk("%d µs", 1);
	bpf_printk("\t\"%d\"\n", 1);
	bpf_trace_printk(own, sizeof(own), 1, 2); /* HMBPF2542 */
	BPF_SEQ_PRINTF(ctx->meta->seq, "%g\n", seen); /* HMBPF2542 */
	BPF_SEQ_PRINTF(ctx->meta->seq, "%lld\n", seen);
	BPF_SNPRINTF(comm, sizeof(comm), "%o", seen); /* HMBPF2542 */
	seen += comm[0];
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
