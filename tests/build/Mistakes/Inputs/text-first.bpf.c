#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("raw_tp/sys_enter")
int program(void *ctx)
{
	char comm[16];

	bpf_get_current_comm(comm, sizeof(comm));
	if (bpf_strncmp("bash", sizeof(comm), comm) == 0) /*here*/
		__sync_fetch_and_add(&seen, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
