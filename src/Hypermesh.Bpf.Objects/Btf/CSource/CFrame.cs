namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>What stands around the types in a header. The names are those of <c>bpftool</c>'s, so one header replaces the other.</summary>
internal static class CFrame
{
    public const string Begin =
        """
        #ifndef __VMLINUX_H__
        #define __VMLINUX_H__

        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
        #endif

        #ifndef __ksym
        #define __ksym __attribute__((section(".ksyms")))
        #endif

        #ifndef __weak
        #define __weak __attribute__((weak))
        #endif

        #ifndef __bpf_fastcall
        #if __has_attribute(bpf_fastcall)
        #define __bpf_fastcall __attribute__((bpf_fastcall))
        #else
        #define __bpf_fastcall
        #endif
        #endif

        """;

    public const string FunctionsBegin = "#ifndef BPF_NO_KFUNC_PROTOTYPES\n";

    public const string FunctionsEnd = "\n#endif\n";

    public const string End =
        """
        #ifndef BPF_NO_PRESERVE_ACCESS_INDEX
        #pragma clang attribute pop
        #endif

        #endif /* __VMLINUX_H__ */
        """;
}
