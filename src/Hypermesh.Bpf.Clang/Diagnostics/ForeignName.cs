using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Explains what to write in place of names that C code of the kernel, or of a process, has and that no header for BPF programs defines.</summary>
internal static class ForeignName
{
    private static readonly Regex s_integer = new("^u?_?int(?<bits>8|16|32|64)_t$|^[us](?<short>8|16|32|64)$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static readonly Dictionary<string, string> s_instead = NameTable.Of(
        ("size_t uintptr_t", "write unsigned long"),
        ("ssize_t ptrdiff_t intptr_t", "write long"),
        ("pid_t", "write int"),
        ("uid_t gid_t uint u_int", "write __u32 of <linux/types.h>"),
        ("off_t loff_t time_t", "write __s64 of <linux/types.h>"),
        ("uchar u_char", "write __u8 of <linux/types.h>"),
        ("ushort u_short", "write __u16 of <linux/types.h>"),
        ("ulong u_long", "write unsigned long"),
        ("true TRUE", "write 1, or #include <stdbool.h>"),
        ("false FALSE", "write 0, or #include <stdbool.h>"),
        ("NULL", "write 0, or #include <stddef.h>"),
        ("offsetof", "write __builtin_offsetof(type, member)"),
        ("container_of", "write (struct type *)((void *)pointer - __builtin_offsetof(struct type, member))"),
        ("likely", "write __builtin_expect(!!(x), 1)"),
        ("unlikely", "write __builtin_expect(!!(x), 0)"),
        ("barrier", "write asm volatile(\"\" ::: \"memory\")"),
        ("min MIN min_t umin", "write a < b ? a : b"),
        ("max MAX max_t umax", "write a > b ? a : b"),
        ("READ_ONCE WRITE_ONCE ACCESS_ONCE", "write *(volatile typeof(x) *)&x"),
        ("ARRAY_SIZE", "write sizeof(array) / sizeof(array[0])"),
        ("BIT", "write (1u << n)"),
        ("BIT_ULL", "write (1ull << n)"),
        ("IS_ERR", "compare with the greatest error, as in (unsigned long)pointer > -4096ul"),
        ("INT_MAX", "write 0x7fffffff"),
        ("UINT_MAX U32_MAX UINT32_MAX", "write ~0u"),
        ("ULONG_MAX U64_MAX UINT64_MAX SIZE_MAX", "write ~0ul"),
        ("current get_current", "call bpf_get_current_task_btf() (5.11), or (struct task_struct *)bpf_get_current_task() and BPF_CORE_READ of <bpf/bpf_core_read.h>"),
        ("printk pr_info pr_err pr_warn pr_debug pr_notice trace_printk", "bpf_printk(\"%d\", x) of <bpf/bpf_helpers.h> writes to the trace pipe"),
        ("smp_processor_id raw_smp_processor_id", "call bpf_get_smp_processor_id()"),
        ("ktime_get_ns ktime_get local_clock", "call bpf_ktime_get_ns()"),
        ("jiffies", "call bpf_jiffies64()"),
        ("kmalloc kzalloc kcalloc kfree vmalloc vfree", "keep memory in a map or in a global variable"),
        ("copy_from_user", "call bpf_probe_read_user(to, sizeof(*to), from)"),
        ("get_user __get_user", "call bpf_probe_read_user(&to, sizeof(to), from)"),
        ("strncpy_from_user strscpy strscpy_pad", "call bpf_probe_read_user_str or bpf_probe_read_kernel_str"),
        ("cpu_to_be16 __cpu_to_be16", "write bpf_htons(x) of <bpf/bpf_endian.h>"),
        ("be16_to_cpu __be16_to_cpu", "write bpf_ntohs(x) of <bpf/bpf_endian.h>"),
        ("cpu_to_be32 __cpu_to_be32", "write bpf_htonl(x) of <bpf/bpf_endian.h>"),
        ("be32_to_cpu __be32_to_cpu", "write bpf_ntohl(x) of <bpf/bpf_endian.h>"),
        ("atomic_inc atomic_add atomic64_inc atomic64_add", "write __sync_fetch_and_add(&x, n)"),
        ("atomic_dec atomic_sub atomic64_dec atomic64_sub", "write __sync_fetch_and_add(&x, -n)"),
        ("spin_lock spin_lock_irqsave", "call bpf_spin_lock(&value->lock), with a struct bpf_spin_lock in the value of a map"),
        ("spin_unlock spin_unlock_irqrestore", "call bpf_spin_unlock(&value->lock)"),
        ("rcu_read_lock", "declare extern void bpf_rcu_read_lock(void) __ksym; and call it (6.2)"),
        ("rcu_read_unlock", "declare extern void bpf_rcu_read_unlock(void) __ksym; and call it (6.2)"),
        ("msleep udelay ndelay mdelay schedule", "a program cannot wait: wait in C#, or start a bpf_timer (5.15)"),
        ("__user __kernel __iomem __percpu __rcu", "remove it"));

    // Numbers that are part of the kernel's interface, and that its headers for programs leave to the C library.
    private static readonly Dictionary<string, string> s_numbers = NameTable.Of(
        ("AF_UNSPEC PF_UNSPEC", "0"),
        ("AF_UNIX AF_LOCAL PF_UNIX PF_LOCAL SOCK_STREAM", "1"),
        ("AF_INET PF_INET SOCK_DGRAM", "2"),
        ("SOCK_RAW", "3"),
        ("AF_INET6 PF_INET6", "10"),
        ("AF_NETLINK PF_NETLINK TASK_COMM_LEN", "16"),
        ("AF_PACKET PF_PACKET", "17"),
        ("AF_VSOCK PF_VSOCK", "40"),
        ("AF_XDP PF_XDP", "44"),
        ("TCP_ESTABLISHED", "1"),
        ("TCP_CLOSE", "7"),
        ("TCP_LISTEN", "10"),
        ("MAX_ERRNO", "4095"),
        ("NSEC_PER_USEC USEC_PER_MSEC MSEC_PER_SEC", "1000"),
        ("NSEC_PER_MSEC USEC_PER_SEC", "1000000"),
        ("NSEC_PER_SEC", "1000000000"));

    /// <summary>The names of the table; for the tests.</summary>
    internal static IEnumerable<string> All => s_instead.Keys.Concat(s_numbers.Keys);

    /// <summary>Returns the remedy; null for another name.</summary>
    public static string? Remedy(string name)
        => s_instead.TryGetValue(name, out string? instead) ? instead
            : s_numbers.TryGetValue(name, out string? number) ? $"write #define {name} {number}"
            : s_integer.Match(name) is { Success: true } integer ? $"write __{(name[0] == 'u' ? "u" : "s")}{integer.Groups["bits"].Value}{integer.Groups["short"].Value} of <linux/types.h>, or take the kernel's types from vmlinux.h ({MissingHeader.Vmlinux})"
            : name == "bool" ? $"write _Bool, or take the kernel's types from vmlinux.h ({MissingHeader.Vmlinux})"
            : null;
}
