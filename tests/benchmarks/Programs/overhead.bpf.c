// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Programs that do nothing, to measure their hooks, and one program that does one operation many times, to measure that.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct record {
	__u64 number;
	__u64 payload[7];
};

#define MAP(name, kind, entries, key_type, value_type, ...)  \
	struct {                                             \
		__uint(type, kind);                          \
		__uint(max_entries, entries);                \
		__type(key, key_type);                       \
		__type(value, value_type);                   \
		__VA_ARGS__                                  \
	} name SEC(".maps")

struct address {
	__u32 length;
	__u32 bytes;
};

MAP(array, BPF_MAP_TYPE_ARRAY, 1024, __u32, __u64);
MAP(percpu_array, BPF_MAP_TYPE_PERCPU_ARRAY, 1024, __u32, __u64);
MAP(hash, BPF_MAP_TYPE_HASH, 10240, __u32, __u64);
MAP(percpu_hash, BPF_MAP_TYPE_PERCPU_HASH, 10240, __u32, __u64);
MAP(lru, BPF_MAP_TYPE_LRU_HASH, 10240, __u32, __u64);
MAP(trie, BPF_MAP_TYPE_LPM_TRIE, 1024, struct address, __u64, __uint(map_flags, BPF_F_NO_PREALLOC););
MAP(tasks, BPF_MAP_TYPE_TASK_STORAGE, 0, int, __u64, __uint(map_flags, BPF_F_NO_PREALLOC););

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4 * 1024 * 1024);
	__type(value, struct record);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} perf SEC(".maps");

__u64 global;
__u64 perf_ns;

__u32 operation;
__u32 count;
__u64 elapsed_ns;

#define STEP(name, ...)                                      \
	static long name##_step(__u32 index, void *context)  \
	{                                                    \
		__u32 key = index & 1023;                    \
		__u64 *value, one = 1;                       \
		struct record record = { .number = index };  \
		struct record *room;                         \
		struct address address = { 32, index };      \
		char comm[16];                               \
		__VA_ARGS__;                                 \
		return 0;                                    \
	}

#define INCREASE(map)                                   \
	value = bpf_map_lookup_elem(&map, &key);        \
	if (value)                                      \
		++*(volatile __u64 *)value

#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wunused-variable"
STEP(nothing, asm volatile(""))
STEP(plain, ++*(volatile __u64 *)&global)
STEP(atomic, __sync_fetch_and_add(&global, 1))
STEP(array, INCREASE(array))
STEP(percpu_array, INCREASE(percpu_array))
STEP(hash, INCREASE(hash))
STEP(percpu_hash, INCREASE(percpu_hash))
STEP(hash_update, bpf_map_update_elem(&hash, &key, &one, BPF_ANY))
STEP(lru_update, bpf_map_update_elem(&lru, &index, &one, BPF_ANY))
STEP(trie, value = bpf_map_lookup_elem(&trie, &address); if (value) ++*(volatile __u64 *)value)
STEP(task_storage, value = bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), 0, BPF_LOCAL_STORAGE_GET_F_CREATE); if (value) ++*(volatile __u64 *)value)
STEP(reserve, room = bpf_ringbuf_reserve(&ring, sizeof(*room), 0); if (room) { room->number = index; bpf_ringbuf_submit(room, BPF_RB_NO_WAKEUP); })
STEP(output, bpf_ringbuf_output(&ring, &record, sizeof(record), BPF_RB_NO_WAKEUP))
STEP(clock, one = bpf_ktime_get_ns(); asm volatile("" : : "r"(one)))
STEP(comm, bpf_get_current_comm(comm, sizeof(comm)))
#pragma clang diagnostic pop

#define CASE(number, name)                                        \
	case number:                                              \
		bpf_loop(count, name##_step, 0, 0);               \
		break

/* It runs by a test run only; the tracepoint gives it its type. */
SEC("?raw_tp/task_rename")
int measure(void *ctx)
{
	__u64 start = bpf_ktime_get_ns();

	switch (operation) {
	CASE(0, nothing);
	CASE(1, plain);
	CASE(2, atomic);
	CASE(3, array);
	CASE(4, percpu_array);
	CASE(5, hash);
	CASE(6, percpu_hash);
	CASE(7, hash_update);
	CASE(8, lru_update);
	CASE(9, trie);
	CASE(10, task_storage);
	CASE(11, reserve);
	CASE(12, output);
	CASE(13, clock);
	CASE(14, comm);
	default:
		return 1;
	}
	elapsed_ns = bpf_ktime_get_ns() - start;
	return 0;
}

/* Perf buffers need the context of a tracing program. */
SEC("?raw_tp/task_rename")
int perf_output(__u64 *ctx)
{
	struct record record = {};
	__u64 start = bpf_ktime_get_ns();
	int i;

	for (i = 0; i < 1000; i++) {
		record.number = i;
		bpf_perf_event_output(ctx, &perf, BPF_F_CURRENT_CPU, &record, sizeof(record));
	}
	perf_ns = bpf_ktime_get_ns() - start;
	return 0;
}

/* Programs that do nothing, each for its hook. */
#define EMPTY(section, name, verdict) SEC(section) int name(void *ctx) { return verdict; }

EMPTY("?tp_btf/sys_enter", on_typed_tracepoint, 0)
EMPTY("?raw_tp/sys_enter", on_raw_tracepoint, 0)
EMPTY("?tracepoint/syscalls/sys_enter_getppid", on_tracepoint, 0)
EMPTY("?fentry/__x64_sys_getppid", on_entry, 0)
EMPTY("?fexit/__x64_sys_getppid", on_exit, 0)
EMPTY("?kprobe/__x64_sys_getppid", on_probe, 0)
EMPTY("?kretprobe/__x64_sys_getppid", on_return_probe, 0)
EMPTY("?kprobe.multi/__x64_sys_getppid", on_many_probes, 0)
EMPTY("?uprobe/libc.so.6:getppid", on_user_probe, 0)
EMPTY("?uretprobe/libc.so.6:getppid", on_user_return_probe, 0)
EMPTY("?xdp", on_packet, XDP_PASS)
EMPTY("?tcx/ingress", on_ingress, -1)

char LICENSE[] SEC("license") = "Dual BSD/GPL";
