#define __TARGET_ARCH_x86
#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

__u64 bytes;

SEC("uretprobe/libc.so.6:malloc")
int BPF_KPROBE(program, __u64 size)
{
	__sync_fetch_and_add(&bytes, size);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
