#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

__u64 seen;

SEC("cgroup/sock_create")
int program(struct bpf_sock *sk)
{
	if (sk->family == AF_INET) /*here*/
		seen++;
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
