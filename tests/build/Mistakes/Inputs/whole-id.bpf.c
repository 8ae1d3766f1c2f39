#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

const volatile int target_pid;
__u64 seen;

SEC("raw_tp/sys_enter")
int program(void *ctx)
{
	if (bpf_get_current_pid_tgid() != target_pid) /*here*/
		return 0;
	__sync_fetch_and_add(&seen, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
