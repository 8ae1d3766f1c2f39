#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define LOCK bpf_rcu_read_locks

extern void LOCK(void) __ksym;
extern void bpf_rcu_read_unlock(void) __ksym;

SEC("tp_btf/sched_switch")
int program(__u64 *ctx)
{
	LOCK();
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
