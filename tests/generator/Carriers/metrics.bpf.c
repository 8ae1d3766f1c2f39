// Tags of <hypermesh/metric.h>: each mistake is a line with "wrong:" and a part of its message; all others are right.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/metric.h>

enum verdict { VERDICT_PASS, VERDICT_DROP };
struct pair { __u32 first; __u32 second; };
union either { __u32 number; float real; };

__u64 total HM_COUNTER("good.total", "{packet}", "All packets");
__s8 level HM_GAUGE("good.level");
static __u16 hidden HM_COUNTER("good.hidden", "By");
const volatile __u32 limit HM_GAUGE("good.limit", "{packet}") = 3;
struct pair pair_of_two;

/* wrong: variable 'of_struct' cannot become an instrument: it is a struct. Tag the integer members of the struct in its place. */
struct pair of_struct HM_COUNTER("bad.struct");
/* wrong: variable 'of_union' cannot become an instrument: it is a union. Tag an integer member of the union in its place. */
union either of_union HM_GAUGE("bad.union");
/* wrong: variable 'of_array' cannot become an instrument: it is an array. Count in a map of type BPF_MAP_TYPE_ARRAY */
__u64 of_array[4] HM_COUNTER("bad.array");
/* wrong: variable 'of_pointer' cannot become an instrument: it is a pointer. Tag an integer of 1, 2, 4 or 8 bytes. */
void *of_pointer HM_GAUGE("bad.pointer");
/* wrong: variable 'of_float' cannot become an instrument: it is a floating-point number. */
float of_float HM_GAUGE("bad.float");
/* wrong: variable 'of_bool' cannot become an instrument: it is a bool. */
_Bool of_bool HM_GAUGE("bad.bool");
/* wrong: variable 'of_enum' cannot become an instrument: it is an enum. */
enum verdict of_enum HM_GAUGE("bad.enum");
/* wrong: variable 'of_16_bytes' cannot become an instrument: it is an integer of another width. */
__int128 of_16_bytes HM_COUNTER("bad.wide");
/* wrong: variable 'constant' cannot become an instrument: it is a constant in .rodata, which never counts. Remove const, or write HM_GAUGE. */
const volatile __u64 constant HM_COUNTER("bad.constant");
/* wrong: HM_COUNTER("2xx") of variable 'bad_name' cannot become an instrument: its name must begin with a letter and have at most 255 letters */
__u64 bad_name HM_COUNTER("2xx");
/* wrong: HM_COUNTER("") of variable 'no_name' cannot become an instrument: its name must begin with a letter */
__u64 no_name HM_COUNTER("");
/* wrong: variable 'spaced' cannot become an instrument: its name must begin with a letter */
__u64 spaced HM_COUNTER("app requests");
/* wrong: variable 'long_unit' cannot become an instrument: its unit has 64 characters, and at most 63 are allowed. */
__u64 long_unit HM_COUNTER("bad.unit", "0123456789012345678901234567890123456789012345678901234567890123");
/* wrong: variable 'foreign_unit' cannot become an instrument: its unit has a character that is not printable ASCII. */
__u64 foreign_unit HM_COUNTER("bad.foreign", "µs");
/* wrong: HM_COUNTER("Good.Total") of variable 'again' cannot become an instrument: variable 'total' has the same name (case does not count) */
__u64 again HM_COUNTER("Good.Total");
/* wrong: HM_GAUGE("bad.second") of variable 'twice' cannot become an instrument: it has HM_COUNTER("good.twice") already */
__u64 twice HM_COUNTER("good.twice") HM_GAUGE("bad.second");
/* wrong: variable 'elsewhere' cannot become an instrument: it is not in a data section of this object */
__u64 elsewhere SEC("notes") HM_COUNTER("bad.section");

/* wrong: member 'struct orphan.count' cannot become an instrument: no map has this struct as its value */
struct orphan { __u64 count HM_COUNTER("bad.orphan"); } *orphan;
/* wrong: member 'struct shared.count' cannot become an instrument: the struct is used by map 'shared_one' and map 'shared_two' */
struct shared { __u64 count HM_COUNTER("bad.shared"); };
/* wrong: member 'struct bits.count' cannot become an instrument: it is a bit-field. Declare it as an integer. */
struct bits { __u64 count : 12 HM_COUNTER("bad.bits"); } of_bits;

struct endpoint { __be32 address; __be16 port; __u8 mac[6]; };
struct flow { char comm[16]; enum verdict verdict; struct endpoint to; _Bool local; __s16 zone; __u8 unused; };
struct inner { __u64 drops HM_COUNTER("good.inner.drops", "{packet}"); };
struct traffic { __u64 packets HM_COUNTER("good.packets", "{packet}"); __u32 queue HM_GAUGE("good.queue"); struct inner inner; };
struct total_of { __u64 errors HM_COUNTER("good.errors"); } totals;
struct with_pointer { void *task; };
struct with_union { union { __u32 v4; __u64 v6; }; };
struct with_bits { __u32 a : 4; __u32 b : 28; };
struct with_numbers { __u32 numbers[4]; };

#define MAP(name, kind, key_type, value_type)			\
	struct {						\
		__uint(type, BPF_MAP_TYPE_##kind);		\
		__uint(max_entries, 64);			\
		__type(key, key_type);				\
		__type(value, value_type);			\
	} name SEC(".maps")

MAP(by_flow, HASH, struct flow, struct traffic);
MAP(by_index, PERCPU_ARRAY, __u32, __u64) HM_COUNTER("good.by_index");
MAP(by_verdict, ARRAY, enum verdict, __s32) HM_GAUGE("good.by_verdict");
MAP(recent, LRU_HASH, __u64, __u64) HM_COUNTER("good.recent");
MAP(shared_one, HASH, __u32, struct shared);
MAP(shared_two, HASH, __u32, struct shared);
/* wrong: map 'struct_value' cannot become an instrument: its value is a struct. Tag the integer members of the struct in its place. */
MAP(struct_value, HASH, __u32, struct pair) HM_COUNTER("bad.struct_value");
/* wrong: map 'pointer_key' cannot become an instrument: member 'task' of its key is a pointer, which cannot be an attribute. */
MAP(pointer_key, HASH, struct with_pointer, __u64) HM_COUNTER("bad.pointer_key");
/* wrong: map 'union_key' cannot become an instrument: its key is a union, which cannot be an attribute. */
MAP(union_key, HASH, struct with_union, __u64) HM_COUNTER("bad.union_key");
/* wrong: map 'bits_key' cannot become an instrument: member 'a' of its key is a bit-field */
MAP(bits_key, HASH, struct with_bits, __u64) HM_COUNTER("bad.bits_key");
/* wrong: map 'numbers_key' cannot become an instrument: member 'numbers' of its key is an array, which cannot be an attribute. */
MAP(numbers_key, HASH, struct with_numbers, __u64) HM_COUNTER("bad.numbers_key");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
/* wrong: map 'ring' cannot become an instrument: maps of type RingBuf cannot be exported. Count in an array or a hash */
} ring SEC(".maps") HM_COUNTER("bad.ring");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__array(values, struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u64); });
/* wrong: map 'outer' cannot become an instrument: maps of type ArrayOfMaps cannot be exported. */
} outer SEC(".maps") HM_COUNTER("bad.outer");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 8);
/* wrong: map 'untyped' cannot become an instrument: the C states only the size of its value. Write __type(value, __u64) */
} untyped SEC(".maps") HM_COUNTER("bad.untyped");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_WRONLY);
	__type(key, __u32);
	__type(value, __u64);
/* wrong: map 'write_only' cannot become an instrument: user space cannot read it (BPF_F_WRONLY). Remove the flag. */
} write_only SEC(".maps") HM_COUNTER("bad.write_only");

/* wrong: HM_COUNTER("bad.function") of 'function' cannot become an instrument: a tag is for a global variable, a map, or a member of a map's value. */
__attribute__((noinline)) HM_COUNTER("bad.function") int function(int number)
{
	return number + 1;
}

SEC("xdp")
int on_packet(struct xdp_md *ctx)
{
	total++;
	hidden++;
	return function(ctx->ingress_ifindex) & 1 ? XDP_PASS : XDP_DROP;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
