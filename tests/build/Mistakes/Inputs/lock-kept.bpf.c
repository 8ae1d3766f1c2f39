#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct guarded {
	struct bpf_spin_lock lock;
	__u32 value;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct guarded);
} locks SEC(".maps");

SEC("tc")
int program(struct __sk_buff *skb)
{
	__u32 key = 0;
	struct guarded *guarded = bpf_map_lookup_elem(&locks, &key);

	if (!guarded)
		return 0;
	bpf_spin_lock(&guarded->lock);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
