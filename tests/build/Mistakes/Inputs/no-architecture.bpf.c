#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

int last;

SEC("kprobe/do_unlinkat")
int BPF_KPROBE(on_unlink, int dfd) /*here*/
{
	last = dfd;
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
