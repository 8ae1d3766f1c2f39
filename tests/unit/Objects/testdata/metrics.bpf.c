// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Tags of <hypermesh/metric.h> on everything that can become an instrument, and on one thing that cannot. Compiled in this folder:
//   clang-22 -O2 -g -target bpfel -mcpu=v3 -fdebug-compilation-dir=. -I../../../../msbuild/Hypermesh.BpfSdk/include -c metrics.bpf.c -o metrics.bpf.o && llvm-strip -g metrics.bpf.o
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/metric.h>

enum verdict { VERDICT_DROP = -1, VERDICT_PASS = 1 };

struct endpoint { __be32 address; __be16 port; __u8 mac[2]; };
struct flow { char comm[8]; enum verdict verdict; struct endpoint to; _Bool local; __s16 zone; __u64 cookie; };
struct inner { __u16 drops HM_COUNTER("unit.drops", "{packet}"); };
struct traffic { __u64 packets HM_COUNTER("unit.packets", "{packet}", "Packets of a flow"); __s32 queue HM_GAUGE("unit.queue"); struct inner inner; };

__u64 total HM_COUNTER("unit.total", "By", "All\tbytes");
__s8 level HM_GAUGE("unit.level") = -3;
static __u32 hidden HM_COUNTER("unit.hidden");
const volatile __u16 limit HM_GAUGE("unit.limit") = 7;
struct { __u32 before; __u64 errors HM_COUNTER("unit.errors"); } totals;
__u64 wrong[2] HM_COUNTER("unit.wrong");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 64);
	__type(key, struct flow);
	__type(value, struct traffic);
} by_flow SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 3);
	__uint(key_size, 4);
	__type(value, __u32);
} by_index SEC(".maps") HM_COUNTER("unit.by_index");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} single SEC(".maps") HM_GAUGE("unit.single");

SEC("socket")
int on_packet(struct __sk_buff *packet)
{
	total += packet->len;
	hidden++;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
