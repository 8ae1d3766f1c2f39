// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
// Bytes, operations, errors and times of block requests, per device and operation; on request bytes per cgroup.
//
// The figures are those of /proc/diskstats, counted from the same requests: bytes at each completion, which may be partial, and one operation
// when the request ends. Requests that merge are one. What has no request (device mapper, zram, brd) is not seen.
//
// A request is in the queue from its allocation, which the kernel notes in `start_time_ns`, until its last issue to the device, and in the device
// from then until it completes. The kernel's note of the issue (`io_start_time_ns`) is not used: it is only made for queues with statistics
// (QUEUE_FLAG_STATS), and from 6.9 on with a time that is cached while requests are plugged.

#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <hypermesh/histogram.h>
#include <hypermesh/tracepoint.h>

#define SLOTS 40		/* the last one begins at 2^8 s */
#define BIOS 32			/* of one request that are looked at for their cgroups */

/* The low byte of a request's flags. Data goes to the device where the lowest bit is set. */
#define REQ_OP_MASK 0xff
#define REQ_OP_FLUSH 2
#define REQ_OP_DISCARD 3
#define REQ_OP_FIRST_COMMAND 32	/* commands of a driver or of SCSI, which have no operation of their own */

/* The operations that are told apart, as /proc/diskstats does. */
enum { READ, WRITE, FLUSH, DISCARD, OPERATIONS };

struct gendisk {
	int major;
	int first_minor;
} __attribute__((preserve_access_index));

struct request_queue {
	int id;
	struct gendisk *disk;	/* from 5.17 on this is the only place */
} __attribute__((preserve_access_index));

struct kernfs_node {
	__u64 id;
} __attribute__((preserve_access_index));

struct cgroup {
	struct kernfs_node *kn;
} __attribute__((preserve_access_index));

struct cgroup_subsys_state {
	struct cgroup *cgroup;
} __attribute__((preserve_access_index));

struct blkcg {
	struct cgroup_subsys_state css;
} __attribute__((preserve_access_index));

struct blkcg_gq {
	struct blkcg *blkcg;
} __attribute__((preserve_access_index));

struct bvec_iter {
	unsigned int bi_size;
} __attribute__((preserve_access_index));

struct bio {
	struct bio *bi_next;
	struct bvec_iter bi_iter;
	struct blkcg_gq *bi_blkg;
} __attribute__((preserve_access_index));

struct blk_mq_hw_ctx {
	unsigned int queue_num;
} __attribute__((preserve_access_index));

struct request {
	struct request_queue *q;
	struct blk_mq_hw_ctx *mq_hctx;
	int tag;			/* of a request in the device, within its hardware queue */
	unsigned int cmd_flags;
	unsigned int rq_flags;
	unsigned int __data_len;	/* what is left to complete */
	struct bio *bio;
	void *part;			/* set for requests that /proc/diskstats counts */
	__u64 start_time_ns;
} __attribute__((preserve_access_index));

struct request___with_disk {
	struct gendisk *rq_disk;
} __attribute__((preserve_access_index));

HM_TP_ARG(block_rq_issue, request, 0);
HM_TP_ARG(block_rq_complete, request, 0);
HM_TP_ARG(block_rq_complete, unsigned_int, 0);
HM_TP_ARG_OPTIONAL(block_rq_complete, int, 0);			/* an error number, before 5.16 */
HM_TP_ARG_OPTIONAL(block_rq_complete, unsigned_char, 0);	/* a blk_status_t */

const volatile _Bool by_cgroup = 0;

/* Before 5.18 requests of several cgroups merge. */
const volatile _Bool merges_cgroups = 0;

/* The bit of rq_flags that marks requests which are part of a flush. */
const volatile __u8 flush_bit = 4;

/* Before 6.2 the kernel may run a program in an interrupt although it is running on that CPU already. */
const volatile _Bool nests = 0;

/*
 * The times at which requests that are in a device were issued. A request has its place by its tag and queue; where another one that is in a device has the
 * same place, the time is in `crowded`. The places are never emptied, because the kernel uses the memory of requests again for others.
 */
struct issue {
	__u64 request;
	__u64 time_ns;		/* 0: it has completed */
};

#define PLACES 16384

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PLACES);
	__type(key, __u32);
	__type(value, struct issue);
} issued SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, __u64);
} crowded SEC(".maps");

struct disk_counters {
	__u64 bytes;
	__u64 operations;
	__u64 bytes_apart;	/* of those above, what /proc/diskstats does not count, because queue/iostats is 0 */
	__u64 operations_apart;
	__u64 untimed;		/* requests whose issue was not seen */
	__u64 queue_sum_ns;
	__u64 device_sum_ns;
	__u64 queue[SLOTS];
	__u64 device[SLOTS];
};

/* By device number (upper half) and operation. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 4096);
	__type(key, __u64);
	__type(value, struct disk_counters);
} disks SEC(".maps");

/* By device number (upper half), operation (bits 16 to 31) and error: a blk_status_t, or an error number with the bit ERRNO. */
#define ERRNO 0x8000

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} errors SEC(".maps");

struct cgroup_bytes {
	__u64 bytes[OPERATIONS];
};

/* By the inode number of the cgroup's folder. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct cgroup_bytes);
} cgroups SEC(".maps");

/* What a map had no room for. */
__u64 no_room;

static __always_inline void add(__u64 *counter, __u64 value)
{
	if (nests)
		__atomic_fetch_add(counter, value, __ATOMIC_RELAXED);
	else
		*counter += value;
}

/* Finds an entry of a per-CPU hash, or creates it with zeroes: another CPU may have been first. */
static __always_inline void *find(void *map, __u64 key, const void *none)
{
	void *found = bpf_map_lookup_elem(map, &key);

	if (found)
		return found;
	bpf_map_update_elem(map, &key, none, BPF_NOEXIST);
	return bpf_map_lookup_elem(map, &key);
}

/* The number of the whole disk, as user space writes it in 32 bits (kernel's MKDEV); 0 for a hidden path of a multipath device. */
static __always_inline __u32 device_of(struct request *rq, struct request_queue *queue)
{
	struct request___with_disk *old = (void *)rq;
	struct gendisk *disk = bpf_core_field_exists(old->rq_disk) ? old->rq_disk : queue->disk;

	return (__u32)disk->major << 20 | (__u32)disk->first_minor;
}

static __always_inline __u32 operation_of(__u32 op)
{
	return op == REQ_OP_FLUSH ? FLUSH : op == REQ_OP_DISCARD ? DISCARD : op & 1 ? WRITE : READ;
}

static __always_inline _Bool is_in_flush(struct request *rq)
{
	return rq->rq_flags >> (flush_bit & 31) & 1;
}

static __always_inline __u32 place_of(struct request *rq, struct request_queue *queue)
{
	return ((__u32)rq->tag + rq->mq_hctx->queue_num * 1021 + (__u32)queue->id * 251) & (PLACES - 1);
}

static __always_inline __u64 group_of(struct bio *bio)
{
	return bio->bi_blkg->blkcg->css.cgroup->kn->id;
}

/* Returns when a request was issued, and forgets it; 0 when that was not seen. */
static __always_inline __u64 take_issue(struct request *rq, __u32 number)
{
	struct issue *place = bpf_map_lookup_elem(&issued, &number);
	__u64 request = (__u64)rq, time = 0, *crowd;

	if (place && place->request == request) {
		time = place->time_ns;
		place->time_ns = 0;
		return time;
	}
	crowd = bpf_map_lookup_elem(&crowded, &request);
	if (crowd) {
		time = *crowd;
		bpf_map_delete_elem(&crowded, &request);
	}
	return time;
}

static __always_inline void count_times(struct disk_counters *disk, struct request *rq, __u32 place)
{
	__u64 now = bpf_ktime_get_ns(), from = take_issue(rq, place), allocated;

	if (!from) {
		add(&disk->untimed, 1);
		return;
	}
	allocated = rq->start_time_ns;
	add(&disk->device_sum_ns, now - from);
	add(&disk->device[hm_seconds_slot(now - from, SLOTS)], 1);
	/* 0 without a scheduler and statistics; later, by the cached time, when the issue came first. */
	if (allocated) {
		__u64 waited = from > allocated ? from - allocated : 0;

		add(&disk->queue_sum_ns, waited);
		add(&disk->queue[hm_seconds_slot(waited, SLOTS)], 1);
	}
}

static __always_inline void count_error(__u64 key, __u32 error)
{
	__u64 one = 1, *count;

	key |= error;
	count = bpf_map_lookup_elem(&errors, &key);
	if (!count && bpf_map_update_elem(&errors, &key, &one, BPF_NOEXIST) == 0)
		return;
	count = bpf_map_lookup_elem(&errors, &key);
	if (count)
		__atomic_fetch_add(count, 1, __ATOMIC_RELAXED);
	else
		__atomic_fetch_add(&no_room, 1, __ATOMIC_RELAXED);
}

static __noinline void count_group(__u64 group, __u32 operation, __u64 bytes)
{
	static const struct cgroup_bytes none;
	struct cgroup_bytes *found = find(&cgroups, group, &none);

	if (found)
		add(&found->bytes[operation & (OPERATIONS - 1)], bytes);
	else
		__atomic_fetch_add(&no_room, 1, __ATOMIC_RELAXED);
}

/* Where a request has bios of several cgroups, what is left after BIOS of them goes to the last one's. */
static __always_inline void count_groups(struct bio *bio, __u64 group, __u32 operation, __u32 bytes)
{
	__u64 run = 0;

	for (int i = 0; merges_cgroups && i < BIOS; i++) {
		__u32 size = bio->bi_iter.bi_size;
		__u64 next;

		if (size >= bytes || !bio->bi_next)
			break;
		run += size;
		bytes -= size;
		bio = bio->bi_next;
		next = group_of(bio);
		if (next != group) {
			count_group(group, operation, run);
			group = next;
			run = 0;
		}
	}
	count_group(group, operation, run + bytes);
}

SEC("tp_btf/block_rq_issue")
int block_rq_issue(__u64 *ctx)
{
	struct request *rq = hm_tp_pointer(ctx, block_rq_issue, request, 0);
	__u64 request = (__u64)rq, now = bpf_ktime_get_ns();
	__u32 number = place_of(rq, rq->q);
	struct issue *place = bpf_map_lookup_elem(&issued, &number);

	if (place && (place->request == request || !place->time_ns)) {
		place->request = request;
		place->time_ns = now;
	} else {
		bpf_map_update_elem(&crowded, &request, &now, BPF_ANY);
	}
	return 0;
}

SEC("tp_btf/block_rq_complete")
int block_rq_complete(__u64 *ctx)
{
	static const struct disk_counters none;
	struct request *rq = hm_tp_pointer(ctx, block_rq_complete, request, 0);
	__u32 bytes = hm_tp_value(ctx, block_rq_complete, unsigned_int, 0);
	__u32 error = hm_tp_has(block_rq_complete, int, 0) ? -(int)hm_tp_optional(ctx, block_rq_complete, int, 0) : hm_tp_optional(ctx, block_rq_complete, unsigned_char, 0) & 0xff;
	/*
	 * Pointers are followed first, where one way leads: for each, the verifier looks through the names of all the kernel's types several times, on each way that it gets there. It
	 * took 90 ms when they came where they are needed.
	 */
	struct request_queue *queue = rq->q;
	__u32 device = device_of(rq, queue), place = place_of(rq, queue), op, operation;
	struct bio *bio = rq->bio;
	__u64 group = by_cgroup && bytes ? group_of(bio) : 0, key;
	_Bool apart = !rq->part, ends;
	struct disk_counters *disk;

	asm volatile("" : "+r"(device), "+r"(place), "+r"(bio), "+r"(group), "+r"(apart));
	op = rq->cmd_flags & REQ_OP_MASK;
	operation = operation_of(op);
	apart = apart && operation != FLUSH;
	ends = bytes >= rq->__data_len;

	/* On 5.10 some commands are counted by the kernel, and so here. */
	if (op >= REQ_OP_FIRST_COMMAND && apart)
		return 0;

	key = (__u64)device << 32;
	disk = find(&disks, key | operation, &none);
	if (!disk) {
		__atomic_fetch_add(&no_room, 1, __ATOMIC_RELAXED);
		return 0;
	}
	add(&disk->bytes, bytes);
	if (apart)
		add(&disk->bytes_apart, bytes);
	if (ends && (bytes || operation == FLUSH))
		count_times(disk, rq, place);
	/* A request that is flushed before or after completes once more, with no bytes, when all of that is done. */
	if (operation == FLUSH || !is_in_flush(rq)) {
		if (ends) {
			add(&disk->operations, 1);
			if (apart)
				add(&disk->operations_apart, 1);
		}
		if (error)
			count_error(key | operation << 16, error | (hm_tp_has(block_rq_complete, int, 0) ? ERRNO : 0));
	}
	if (by_cgroup && bytes)
		count_groups(bio, group, operation, bytes);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
