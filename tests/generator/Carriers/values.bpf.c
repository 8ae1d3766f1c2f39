// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// What programs send, store and compare. A line with an ID must be reported, the others not.

#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <hypermesh/ringbuf.h>

struct event {
	__u64 time_ns;
	__u32 pid;
	char comm[20];
};

struct small {
	__u64 time_ns;
};

HM_RINGBUF(counted, struct event, 4096);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, struct event);
} typed SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} bytes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__type(value, __u64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} samples SEC(".maps") HM_RECORDS(struct event);

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(int));
	__uint(value_size, sizeof(int));
} single SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, struct event);
} kept SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __u32);
	__type(value, const char *);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct task_struct *);
	__type(value, struct small *);
} by_task SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH); /* HMBPF2520 of by_size */
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__type(value, __u64);
} by_size SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); /* HMBPF2520 of blob */
	__uint(max_entries, 1);
	__uint(key_size, 4);
	__uint(value_size, 16);
} blob SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 64);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__uint(key_size, 4);
	__uint(value_size, 4);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH); /* HMBPF2525 of by_text */
	__uint(max_entries, 64);
	__type(key, char *);
	__type(value, __u64);
} by_text SEC(".maps");

const volatile __u32 wanted;
const volatile int wanted_signed;
volatile __u64 wanted_whole;
__u64 seen;

SEC("raw_tp/sched_switch")
int sends(void *ctx)
{
	struct event event = {};
	struct event *local = &event;
	struct small small = {};
	struct small *part = &small;
	__u64 task = bpf_get_current_task();
	__u64 id = bpf_get_current_pid_tgid();
	struct event *found;

	bpf_ringbuf_output(&typed, &event, sizeof(event), 0);
	bpf_ringbuf_output(&typed, &local, sizeof(local), 0); /* HMBPF2522 */
	bpf_ringbuf_output(&typed, local, sizeof(local), 0); /* HMBPF2522 */
	bpf_ringbuf_output(&typed, &small, sizeof(small), 0); /* HMBPF2522 */
	bpf_ringbuf_output(&bytes, &part, sizeof(part), 0); /* HMBPF2522 */
	bpf_ringbuf_output(&bytes, part, sizeof(*part), 0);
	bpf_ringbuf_output(&bytes, &task, sizeof(task), 0);
	bpf_ringbuf_output(&numbers, &part, sizeof(part), 0);
	bpf_ringbuf_output(&typed, &event, (bpf_get_prandom_u32() & 15) + sizeof(small), 0);
	bpf_perf_event_output(ctx, &samples, 0, &event, sizeof(event)); /* HMBPF2524 */
	bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &event, sizeof(event));
	bpf_perf_event_output(ctx, &samples, BPF_F_CURRENT_CPU, &local, sizeof(local)); /* HMBPF2522 */
	bpf_perf_event_output(ctx, &samples, bpf_get_smp_processor_id(), &event, sizeof(event));
	bpf_perf_event_output(ctx, &single, 0, &event, sizeof(event));

	found = bpf_map_lookup_elem(&kept, &id);
	if (!found)
		return 0;
	bpf_ringbuf_output(&typed, found, sizeof(*found), 0);
	bpf_ringbuf_output(&typed, &found, sizeof(found), 0); /* HMBPF2522 */
	return 0;
}

__noinline int measure(__u64 *size)
{
	if (bpf_get_prandom_u32() & 1)
		*size = sizeof(struct event);
	return 0;
}

SEC("raw_tp/sched_process_exit")
int sends_measured(void *ctx)
{
	struct event event = {};
	__u64 size = sizeof(struct small);

	measure(&size);
	bpf_ringbuf_output(&typed, &event, size, 0);
	return 0;
}

SEC("raw_tp/sched_waking")
int reserves(void *ctx)
{
	struct event *event = bpf_ringbuf_reserve(&typed, sizeof(*event), 0);
	struct small *small;

	if (event)
		bpf_ringbuf_submit(event, 0);
	small = bpf_ringbuf_reserve(&typed, sizeof(*small), 0); /* HMBPF2522 */
	if (small)
		bpf_ringbuf_submit(small, 0);
	event = hm_reserve(counted);
	if (event)
		bpf_ringbuf_submit(event, 0);
	event = bpf_ringbuf_reserve(&counted, sizeof(*event), 0); /* HMBPF2523 */
	if (event)
		bpf_ringbuf_submit(event, 0);
	return 0;
}

SEC("raw_tp/sys_enter")
int outputs(void *ctx)
{
	struct event event = {};

	hm_output(counted, &event);
	bpf_ringbuf_output(&counted, &event, sizeof(event), 0); /* HMBPF2523 */
	return 0;
}

SEC("raw_tp/sys_exit")
int stores(void *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid() >> 32;
	struct task_struct *task = (void *)bpf_get_current_task();
	struct small small = {};
	struct small *local = &small;
	const char *text = "bash";
	const char *of_process = *(const char **)ctx;

	bpf_map_update_elem(&names, &pid, &of_process, BPF_ANY);
	bpf_map_update_elem(&names, &pid, &text, BPF_ANY); /* HMBPF2525 */
	bpf_map_update_elem(&by_task, &task, &local, BPF_ANY); /* HMBPF2525 */
	return 0;
}

SEC("raw_tp/sched_wakeup")
int compares(void *ctx)
{
	__u64 both = bpf_get_current_pid_tgid();
	__u64 user = bpf_get_current_uid_gid();

	if (both == wanted) /* HMBPF2521 */
		seen++;
	if (bpf_get_current_pid_tgid() != wanted_signed) /* HMBPF2521 */
		seen++;
	if (both == 1234) /* HMBPF2521 */
		seen++;
	if (user == wanted) /* HMBPF2521 */
		seen++;
	if (both >> 32 == wanted)
		seen++;
	if ((__u32)both == wanted)
		seen++;
	if ((int)both == wanted_signed)
		seen++;
	if (both == wanted_whole)
		seen++;
	if (both == 0 || !user)
		seen++;
	if (both & 1)
		seen++;
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
