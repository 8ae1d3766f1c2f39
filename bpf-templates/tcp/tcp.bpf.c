// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// TCP connections: how they begin and end, their life, bytes, round trips and segments sent again; on request one event for each that ends.
//
// A connection is known by the address of its socket from the time it is established. Each counter has one program that writes it, on its own CPU.
// A second task on that CPU cannot be inside the same program: the kernel skips it then (recursion_misses), or the program is that of a classic
// tracepoint, which is not preempted.

#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/in.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <hypermesh/histogram.h>
#include <hypermesh/ringbuf.h>
#include <hypermesh/tracepoint.h>

#define STATES 16		/* a power of two, for the verifier: the kernel has fewer */
#define RTT_SLOTS 40
#define LIFE_SLOTS 48		/* the last one begins at 2^16 s */
#define AF_INET 2
#define AF_INET6 10
#define COMM_SIZE 16

enum tcp_state {
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
	TCP_NEW_SYN_RECV,
};

struct ns_common {
	unsigned int inum;
} __attribute__((preserve_access_index));

struct net {
	struct ns_common ns;
} __attribute__((preserve_access_index));

typedef struct {
	struct net *net;
} __attribute__((preserve_access_index)) possible_net_t;

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
} __attribute__((preserve_access_index));

struct sock_common {
	__u32 skc_daddr;
	__u32 skc_rcv_saddr;
	__u16 skc_dport;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
} __attribute__((preserve_access_index));

struct sock {
	struct sock_common __sk_common;
	__u16 sk_protocol;
} __attribute__((preserve_access_index));

struct inet_sock {
	__u16 inet_sport;
} __attribute__((preserve_access_index));

struct request_sock {
	struct sock_common __req_common;
} __attribute__((preserve_access_index));

struct tcp_sock {
	__u32 srtt_us;		/* eight times the smoothed round trip */
	__u32 total_retrans;
	__u64 bytes_received;
	__u64 bytes_acked;
} __attribute__((preserve_access_index));

struct sk_buff {
	char cb[48];
} __attribute__((preserve_access_index));

struct tcp_skb_cb {
	union {
		struct {
			__u16 tcp_gso_segs;
		};
	};
} __attribute__((preserve_access_index));

struct trace_event_raw_inet_sock_set_state {
	const void *skaddr;
	int oldstate;
	int newstate;
} __attribute__((preserve_access_index));

struct trace_event_raw_tcp_probe {
	const void *skaddr;
} __attribute__((preserve_access_index));

struct trace_event_raw_tcp_event_sk_skb {
	const void *skbaddr;
	const void *skaddr;
} __attribute__((preserve_access_index));

/* From 6.17 on, with the result of sending. */
struct trace_event_raw_tcp_retransmit_skb {
	const void *skbaddr;
	const void *skaddr;
} __attribute__((preserve_access_index));

struct trace_event_raw_tcp_retransmit_synack {
	const void *skaddr;
	const void *req;
} __attribute__((preserve_access_index));

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
} __attribute__((preserve_access_index));

HM_TP_ARG(inet_sock_set_state, sock, 0);
HM_TP_ARG(inet_sock_set_state, int, 0);
HM_TP_ARG(inet_sock_set_state, int, 1);
HM_TP_ARG(tcp_probe, sock, 0);
HM_TP_ARG(tcp_retransmit_skb, sock, 0);
HM_TP_ARG(tcp_retransmit_skb, sk_buff, 0);
HM_TP_ARG(tcp_retransmit_synack, sock, 0);
HM_TP_ARG(tcp_retransmit_synack, request_sock, 0);

/* The inode number of the namespace whose counters the figures are compared with, and whether only its connections are counted. */
const volatile __u32 own_namespace;
const volatile _Bool only_own;

/* Whether each connection that ends becomes an event. User space sets it while it reads them. */
_Bool events;

/* Sockets of the namespace by state, at the last run of the iterator. */
__u64 sockets[STATES];

enum tcp_direction { TCP_UNKNOWN, TCP_IN, TCP_OUT };

struct connection {
	__u64 since_ns;		/* when it was established: CLOCK_MONOTONIC; 0: not yet */
	__u32 direction;
	__u32 pid;
	char comm[COMM_SIZE];
};

/* By the address of the socket. Preallocated, because entries are created in interrupts. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 32768);
	__type(key, __u64);
	__type(value, struct connection);
} connections SEC(".maps");

struct tcp_counters {
	__u64 changes[STATES];		/* by the new state */
	__u64 opened_in;
	__u64 opened_out;
	__u64 own_opened_in;		/* in the own namespace */
	__u64 own_opened_out;
	__u64 failed;			/* ended before they were established */
	__u64 ended;
	__u64 unknown_start;		/* ended, and were established before the monitor started or without room for them */
	__u64 no_room;			/* established, and `connections` was full */
	__u64 bytes_acked;		/* of connections that ended */
	__u64 bytes_received;
	__u64 changed;			/* runs for a TCP socket */
	__u64 probes;
	__u64 retransmits[STATES * 2];	/* state * 2 + is IPv6 */
	__u64 own_retransmits;
	__u64 retransmitted;		/* runs */
	__u64 synacks;
	__u64 produced;
	__u64 rtt_ipv4[RTT_SLOTS];
	__u64 rtt_ipv6[RTT_SLOTS];
	__u64 rtt_sum_ns[2];
	__u64 life[LIFE_SLOTS * 4];	/* four histograms: is out * 2 + is IPv6 */
	__u64 life_sum_ns[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct tcp_counters);
} counters SEC(".maps");

/* A connection that ended. */
struct tcp_ended {
	__u64 end_ns;		/* CLOCK_BOOTTIME */
	__u64 life_ns;		/* since it was established; 0: not known */
	__u64 bytes_acked;
	__u64 bytes_received;
	__u32 pid;		/* 0: not known */
	__u32 rtt_us;
	__u32 retransmits;
	__u32 network_namespace;
	__u16 local_port;
	__u16 remote_port;
	__u8 is_ipv6;
	__u8 direction;
	__u8 last_state;
	__u8 unused;
	__u32 local[4];		/* IPv4: the first word */
	__u32 remote[4];
	char comm[COMM_SIZE];
};

HM_RINGBUF(ended, struct tcp_ended, 1024 * 1024);

/* The fill of the ring, in bytes, from which on its reader is woken. */
const volatile __u64 wake_from = 128 * 1024;

/* Events that were read: user space counts them here, where the next process finds them. */
__u64 delivered;

static __always_inline struct tcp_counters *this_cpu(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&counters, &zero);
}

/* A field of a socket: read by the program itself where its pointer is typed, else by a helper. */
#define FIELD(typed, pointer, field)                                                             \
	({                                                                                       \
		__u64 hm_field;                                                                  \
		if (typed)                                                                       \
			hm_field = (pointer)->field;                                             \
		else                                                                             \
			hm_field = BPF_CORE_READ(pointer, field);                                \
		hm_field;                                                                        \
	})

static __always_inline __u32 namespace_of(struct sock *sk, _Bool typed)
{
	return typed ? sk->__sk_common.skc_net.net->ns.inum : BPF_CORE_READ(sk, __sk_common.skc_net.net, ns.inum);
}

static __always_inline _Bool is_ipv6(struct sock *sk, _Bool typed)
{
	/* A socket of both kinds has an IPv4 address as ::ffff:a.b.c.d. */
	return FIELD(typed, sk, __sk_common.skc_family) == AF_INET6 &&
	       FIELD(typed, sk, __sk_common.skc_v6_daddr.in6_u.u6_addr32[2]) != bpf_htonl(0xffff);
}

static __always_inline void identify(struct connection *connection)
{
	connection->pid = bpf_get_current_pid_tgid() >> 32;
	bpf_get_current_comm(connection->comm, sizeof(connection->comm));
}

static __always_inline void put(struct tcp_counters *cpu, __u64 key, const struct connection *connection)
{
	if (bpf_map_update_elem(&connections, &key, connection, BPF_ANY))
		cpu->no_room++;
}

static __always_inline void read_addresses(struct tcp_ended *event, struct sock *sk)
{
	if (event->is_ipv6) {
		bpf_core_read(event->local, sizeof(event->local), &sk->__sk_common.skc_v6_rcv_saddr);
		bpf_core_read(event->remote, sizeof(event->remote), &sk->__sk_common.skc_v6_daddr);
		return;
	}
	event->local[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	event->remote[0] = BPF_CORE_READ(sk, __sk_common.skc_daddr);
}

static __always_inline void emit(struct tcp_counters *cpu, struct sock *sk, const struct connection *connection, struct tcp_ended *from)
{
	struct tcp_ended *event;

	cpu->produced++;
	event = hm_reserve(ended);
	if (!event)
		return;
	*event = *from;
	event->end_ns = bpf_ktime_get_boot_ns();
	event->rtt_us = BPF_CORE_READ((struct tcp_sock *)sk, srtt_us) >> 3;
	event->retransmits = BPF_CORE_READ((struct tcp_sock *)sk, total_retrans);
	/* Not skc_num: a port that the kernel chose is given back before this. */
	event->local_port = bpf_ntohs(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
	event->remote_port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
	read_addresses(event, sk);
	if (connection) {
		event->pid = connection->pid;
		__builtin_memcpy(event->comm, connection->comm, sizeof(event->comm));
	}
	hm_submit_lazily(ended, event, wake_from);
}

static __always_inline void end(struct tcp_counters *cpu, struct sock *sk, int old, __u32 namespace, _Bool typed)
{
	__u64 key = (__u64)sk;
	struct connection *connection = bpf_map_lookup_elem(&connections, &key);
	struct tcp_ended event = { .last_state = old, .network_namespace = namespace };

	if (old == TCP_SYN_SENT || old == TCP_SYN_RECV || old == TCP_NEW_SYN_RECV) {
		cpu->failed++;
		if (connection)
			bpf_map_delete_elem(&connections, &key);
		return;
	}
	event.bytes_acked = BPF_CORE_READ((struct tcp_sock *)sk, bytes_acked);
	event.bytes_received = BPF_CORE_READ((struct tcp_sock *)sk, bytes_received);
	event.is_ipv6 = is_ipv6(sk, typed);
	cpu->ended++;
	cpu->bytes_acked += event.bytes_acked;
	cpu->bytes_received += event.bytes_received;
	if (connection && connection->since_ns) {
		__u32 histogram = (connection->direction == TCP_OUT) * 2 + event.is_ipv6;

		event.direction = connection->direction;
		event.life_ns = bpf_ktime_get_ns() - connection->since_ns;
		cpu->life[(histogram & 3) * LIFE_SLOTS + hm_seconds_slot(event.life_ns, LIFE_SLOTS)]++;
		cpu->life_sum_ns[histogram & 3] += event.life_ns;
	} else {
		cpu->unknown_start++;
	}
	if (events)
		emit(cpu, sk, connection, &event);
	if (connection)
		bpf_map_delete_elem(&connections, &key);
}

static __always_inline void establish(struct tcp_counters *cpu, struct sock *sk, int old)
{
	__u64 key = (__u64)sk;
	struct connection *known = old == TCP_SYN_SENT ? bpf_map_lookup_elem(&connections, &key) : 0;
	struct connection connection = { .direction = old == TCP_SYN_SENT ? TCP_OUT : TCP_IN };

	if (known) {
		known->since_ns = bpf_ktime_get_ns();
		return;
	}
	connection.since_ns = bpf_ktime_get_ns();
	put(cpu, key, &connection);
}

static __always_inline int change(struct sock *sk, int old, int new, _Bool typed)
{
	__u32 namespace = namespace_of(sk, typed);
	_Bool own = namespace == own_namespace;
	struct tcp_counters *cpu;
	__u64 key = (__u64)sk;

	if (FIELD(typed, sk, sk_protocol) != IPPROTO_TCP || (only_own && !own))
		return 0;
	cpu = this_cpu();
	if (!cpu)
		return 0;
	cpu->changed++;
	cpu->changes[new & (STATES - 1)]++;
	switch (new) {
	case TCP_SYN_SENT:
		cpu->opened_out++;
		cpu->own_opened_out += own;
		if (events) {
			struct connection connection = { .direction = TCP_OUT };

			identify(&connection);
			put(cpu, key, &connection);
		}
		break;
	case TCP_SYN_RECV:
		/* One that was opened from both sides is in SYN_SENT before. */
		if (old != TCP_SYN_SENT) {
			cpu->opened_in++;
			cpu->own_opened_in += own;
		}
		break;
	case TCP_ESTABLISHED:
		establish(cpu, sk, old);
		break;
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
		/* The process that closes it. */
		if (events) {
			struct connection *connection = bpf_map_lookup_elem(&connections, &key);

			if (connection && !connection->pid)
				identify(connection);
		}
		break;
	case TCP_CLOSE:
		if (old != TCP_CLOSE && old != TCP_LISTEN)
			end(cpu, sk, old, namespace, typed);
		break;
	}
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int inet_sock_set_state(__u64 *ctx)
{
	return change(hm_tp_pointer(ctx, inet_sock_set_state, sock, 0), hm_tp_value(ctx, inet_sock_set_state, int, 0),
		hm_tp_value(ctx, inet_sock_set_state, int, 1), 1);
}

/* A classic tracepoint's program returns 1: with 0, the kernel would hide the event from perf. */
SEC("tracepoint/sock/inet_sock_set_state")
int inet_sock_set_state_classic(struct trace_event_raw_inet_sock_set_state *ctx)
{
	change((struct sock *)ctx->skaddr, ctx->oldstate, ctx->newstate, 0);
	return 1;
}

static __always_inline int probe(struct sock *sk, _Bool typed)
{
	struct tcp_counters *cpu = this_cpu();
	__u32 eighths = 0, slot;
	__u64 ns;

	if (!cpu || (only_own && namespace_of(sk, typed) != own_namespace))
		return 0;
	cpu->probes++;
	bpf_core_read(&eighths, sizeof(eighths), &((struct tcp_sock *)sk)->srtt_us);
	if (!eighths)
		return 0;
	ns = (__u64)(eighths >> 3) * 1000;
	slot = hm_seconds_slot(ns, RTT_SLOTS);
	if (is_ipv6(sk, typed)) {
		cpu->rtt_ipv6[slot]++;
		cpu->rtt_sum_ns[1] += ns;
	} else {
		cpu->rtt_ipv4[slot]++;
		cpu->rtt_sum_ns[0] += ns;
	}
	return 0;
}

SEC("tp_btf/tcp_probe")
int tcp_probe(__u64 *ctx)
{
	return probe(hm_tp_pointer(ctx, tcp_probe, sock, 0), 1);
}

SEC("tracepoint/tcp/tcp_probe")
int tcp_probe_classic(struct trace_event_raw_tcp_probe *ctx)
{
	probe((struct sock *)ctx->skaddr, 0);
	return 1;
}

static __always_inline int retransmit(struct sock *sk, struct sk_buff *skb, _Bool typed)
{
	__u32 namespace = namespace_of(sk, typed), state = FIELD(typed, sk, __sk_common.skc_state);
	struct tcp_skb_cb *control = (void *)skb + bpf_core_field_offset(skb->cb);
	struct tcp_counters *cpu = this_cpu();
	__u16 segments = 0;

	if (!cpu || (only_own && namespace != own_namespace))
		return 0;
	cpu->retransmitted++;
	bpf_core_read(&segments, sizeof(segments), &control->tcp_gso_segs);
	cpu->retransmits[(state & (STATES - 1)) * 2 + is_ipv6(sk, typed)] += segments;
	if (namespace == own_namespace)
		cpu->own_retransmits += segments;
	return 0;
}

SEC("tp_btf/tcp_retransmit_skb")
int tcp_retransmit_skb(__u64 *ctx)
{
	return retransmit(hm_tp_pointer(ctx, tcp_retransmit_skb, sock, 0), hm_tp_pointer(ctx, tcp_retransmit_skb, sk_buff, 0), 1);
}

SEC("tracepoint/tcp/tcp_retransmit_skb")
int tcp_retransmit_skb_classic(struct trace_event_raw_tcp_event_sk_skb *ctx)
{
	retransmit((struct sock *)ctx->skaddr, (struct sk_buff *)ctx->skbaddr, 0);
	return 1;
}

SEC("tracepoint/tcp/tcp_retransmit_skb")
int tcp_retransmit_skb_classic_err(struct trace_event_raw_tcp_retransmit_skb *ctx)
{
	retransmit((struct sock *)ctx->skaddr, (struct sk_buff *)ctx->skbaddr, 0);
	return 1;
}

/* The answer to a connection that is being opened, sent again: there is no socket for it yet, only a request. */
static __always_inline int retransmit_synack(struct sock *listener, struct request_sock *request, _Bool typed)
{
	__u32 namespace = namespace_of(listener, typed);
	struct tcp_counters *cpu = this_cpu();

	if (!cpu || (only_own && namespace != own_namespace))
		return 0;
	cpu->synacks++;
	cpu->retransmits[TCP_SYN_RECV * 2 + (FIELD(typed, request, __req_common.skc_family) == AF_INET6)]++;
	if (namespace == own_namespace)
		cpu->own_retransmits++;
	return 0;
}

SEC("tp_btf/tcp_retransmit_synack")
int tcp_retransmit_synack(__u64 *ctx)
{
	return retransmit_synack(hm_tp_pointer(ctx, tcp_retransmit_synack, sock, 0), hm_tp_pointer(ctx, tcp_retransmit_synack, request_sock, 0), 1);
}

SEC("tracepoint/tcp/tcp_retransmit_synack")
int tcp_retransmit_synack_classic(struct trace_event_raw_tcp_retransmit_synack *ctx)
{
	retransmit_synack((struct sock *)ctx->skaddr, (struct request_sock *)ctx->req, 0);
	return 1;
}

/* Run at each reading: the sockets of the reader's namespace by state. */
SEC("iter/tcp")
int count_sockets(struct bpf_iter__tcp *ctx)
{
	struct sock_common *common = ctx->sk_common;
	__u32 state;

	if (!common)
		return 0;
	state = common->skc_state;
	if (common->skc_net.net->ns.inum == own_namespace)
		sockets[state & (STATES - 1)]++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
