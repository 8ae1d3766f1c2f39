#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

extern void bpf_rcu_read_lock(void); /*here*/
extern void bpf_rcu_read_unlock(void) __ksym;
__u64 seen;

SEC("tp_btf/sched_process_fork")
int program(void *ctx)
{
	bpf_rcu_read_lock();
	seen++;
	bpf_rcu_read_unlock();
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
