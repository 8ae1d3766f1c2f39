using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>The meaning of the verifier's most common sentences and the usual remedy, in terms of the C.</summary>
internal static partial class VerifierHint
{
    private const string Counter =
        "The verifier does not track a counter whose address is passed to a helper or kept in a map: count with another variable, and copy it into the one whose address is passed (key = i;).";

    private const string CheckedOnce =
        "A loop runs too long, or there are too many paths: the verifier follows each path and each round of a loop, and stops at 1,000,000 instructions. Lower the loop's bound, as in for (int i = 0; i < 64; i++); loop with bpf_loop (5.17) or bpf_for (6.4; in <bpf/bpf_helpers.h> of libbpf 1.3), whose body is checked once; or move work into a __noinline function that is not static, which is checked once. "
        + Counter;

    private const string Stack =
        "A program and the functions it calls share 512 bytes of stack. Keep large variables in a BPF_MAP_TYPE_PERCPU_ARRAY of one entry, or in a global variable.";

    private const string Null = "This pointer can be NULL: test it, as in if (!pointer) return 0;, before it is used.";

    private const string Trusted =
        "This function accepts only trusted pointers: arguments of a tp_btf, fentry, lsm or struct_ops program, and results of other kernel functions. bpf_get_current_task_btf returns one; the result of bpf_get_current_task, or of a read from a struct, is not trusted.";

    private const string Scalar =
        "What is used here as a pointer is a plain number to the verifier: a NULL that was not checked for, or an address that must be read with bpf_probe_read_kernel (BPF_CORE_READ), or with bpf_probe_read_user if it belongs to a process. A record that was submitted or discarded is no longer the program's: read it before.";

    private const string Undefined =
        "The compiler leaves this behind an endless loop, or where the C has undefined behaviour (a missing return, a variable without a value, a division by zero): look at clang's warnings for this function.";

    private const string Uninitialised =
        "Part of this memory was never written, such as the padding between fields: clear it with __builtin_memset(&x, 0, sizeof(x)) before its fields are set. "
        + "If the variable itself was written, it is smaller than what the helper reads: declare it with the type of the map's key or value.";

    private const string Bounds =
        "Limit the index or length just before it is used, in a __u64: __u64 n = length; if (n >= sizeof(buffer)) return 0;, or n &= sizeof(buffer) - 1; for a power of two. The compiler may check a copy of an int or a __u32: write barrier_var(n); before the check. Check each part of a sum, and read what may change only once, into a local variable.";

    private const string Packet =
        "Compare with data_end before the access: if ((void *)(header + 1) > data_end) return XDP_PASS;. A helper that resizes or moves the packet makes the check invalid: then read data and data_end again.";

    private const string Kernel =
        "Kernel memory is read-only: change it through a helper, a kernel function, or the program's return value.";

    private const string Sleepable =
        "This helper or kernel function can sleep, but the program cannot. Use the sleepable form of the section, with .s, as in SEC(\"lsm.s/…\") or SEC(\"uprobe.s/…\"); tracepoints have no such form.";

    private const string Layout =
        "On this kernel the struct is smaller, or has a field of another size at this offset. Declare it with __attribute__((preserve_access_index)), or take it from vmlinux.h (<BpfVmlinux>), so that offsets follow the running kernel.";

    private const string Gpl = "char LICENSE[] SEC(\"license\") = \"GPL\"; (or \"Dual BSD/GPL\").";

    private const string Outside = "The access is outside of the variable, or of the 512 bytes of stack. " + Bounds;

    private const string Unreleased = "Everything that was reserved or acquired must be released on every path to a return; a ring buffer record with bpf_ringbuf_submit or bpf_ringbuf_discard.";

    private const string Atomic = "Atomic operations work on maps, globals, the stack and arenas, not here: write without __sync_ or __atomic_.";
    private const string Section = "A section started with bpf_rcu_read_lock, bpf_preempt_disable or bpf_local_irq_save must be ended with the matching call before each return and before calls that can sleep.";
    private const string Unlock = "The lock must be released on every path: call bpf_spin_unlock before each return.";

    private const string TailCalls =
        "In a program that makes tail calls, the callers of a function can use at most 256 bytes of stack together; before 5.10, or without the JIT (net.core.bpf_jit_enable), such a program cannot call functions at all. Keep large variables in a BPF_MAP_TYPE_PERCPU_ARRAY of one entry, or mark the functions __always_inline.";

    private const string Released = "Only what a helper or kernel function acquired for the program can be released, once, and with the pointer that was returned, not with a field of it or a copy from a map.";

    private const string Index = "A kernel object is read at constant offsets: read an element at a variable index with bpf_probe_read_kernel(&copy, sizeof(copy), &object->array[i]).";

    // The first row whose words are in the verifier's sentence.
    private static readonly (string Words, string Hint)[] s_rows =
    [
        // CO-RE.
        ("the running kernel has nothing that matches", "This kernel lacks it, or gives it another name or type. hmbpf btf dump --type task_struct shows what a struct has here. Test with bpf_core_field_exists (bpf_core_type_exists, bpf_core_enum_value_exists) before the read, and declare the other form too, as in struct task_struct___new."),

        // Helpers.
        ("is not a known constant", "This argument must be a constant that the compiler knows. bpf_ringbuf_reserve reserves a fixed size: reserve that of the largest record, or fill a buffer in a per-CPU map and send it with bpf_ringbuf_output, whose length may vary."),
        ("helper call is not allowed in probe", "This helper can be called only at some kernel functions. bpf_d_path is for fentry, fexit and fmod_ret programs at functions that the kernel allows, such as security_file_open, vfs_fallocate and filp_close, and for LSM programs and iterators."),

        // Sentences that contain the words of a row below, and mean something else.
        ("tail_calls are not allowed", TailCalls),
        ("passed to release function", Released),
        ("is not sleepable", "A sleepable program cannot be attached to the kernel function that the section names: write the section without .s."),
        ("must have zero offset", Released),

        // Pointers.
        ("_or_null'", Null),

        // An argument of a module's tracepoint (6.12).
        ("_or_null_'", Null),
        ("Possibly NULL pointer passed", Null),
        ("pointer arithmetic on", "Arithmetic on this pointer is not allowed. Test a pointer that can be NULL first; pass a map, or the context, unchanged."),
        ("invalid mem access 'scalar'", Scalar),
        ("invalid mem access 'inv'", Scalar),
        ("must be referenced", Trusted),
        ("must be a rcu pointer", Trusted),
        ("must point to scalar, or struct with scalar", Trusted),
        ("pointer arithmetic with", "Only addition and subtraction of a number are allowed on a pointer. Cast a copy to unsigned long where you need the number (this requires CAP_PERFMON)."),
        ("32-bit pointer arithmetic", "The pointer was cast to a 32-bit integer, which cuts it: use unsigned long, and add to the pointer itself."),
        ("corrupt spilled pointer", "Part of a pointer on the stack is overwritten: the program writes past the end of the variable next to it."),
        ("same insn cannot be used with different pointers", "The compiler merged two accesses into one, for example to a packet and to the context: put asm volatile(\"\" ::: \"memory\"); between the branches, or read in a __noinline function for each."),
        ("invalid mem access 'map_ptr'", "A map cannot be read through its address: call bpf_map_lookup_elem(&map, &key)."),
        ("expects refcounted", Released),
        ("expected pointer to STRUCT", "The kernel function takes a pointer to the struct that the sentence names first: pass a pointer to exactly that type, not to a struct that contains it or is contained in it."),
        ("pointer comparison prohibited", "Programs without CAP_PERFMON cannot compare pointers. Run as root or give the process CAP_PERFMON."),
        ("leaks addr", "An address of the kernel would leak through a return value, a map or the context. Give the process CAP_PERFMON, or store what the pointer points to."),
        ("bitwise operator", "A pointer is used like a number, but only addition and subtraction are allowed. Cast a copy to unsigned long where you need the number (this requires CAP_PERFMON)."),
        ("doesn't have", "The hook has fewer arguments on this kernel than BPF_PROG names. hmbpf btf dump --type btf_trace_NAME shows the prototype of a tracepoint, --type NAME that of a function; bpf_get_func_arg_cnt (5.17) returns the number at run time."),

        // Values that were never written.
        ("!read_ok", "The value that is read here was not written on this path: initialize the variable where it is declared, and return a value on every path. After a call, only the register of its result can be read. A program has one parameter, its context: for more, as in tp_btf and fentry, declare it with BPF_PROG of <bpf/bpf_tracing.h>."),
        ("invalid indirect read from stack", Uninitialised),
        ("invalid read from stack", Uninitialised),

        // The stack.
        ("stack size of", Stack),
        ("invalid write to stack", Outside),
        ("invalid stack off", Outside),
        ("invalid stack type", "The helper would read memory that was never written, or past the end of the variable. " + Uninitialised),
        ("invalid indirect access to stack", "The helper would access memory past the end of the variable: the passed size is larger than the variable. " + Bounds),
        ("invalid unbounded variable-offset", Bounds),
        ("invalid variable-offset", Bounds),
        ("variable stack access", Bounds),

        // Bounds.
        ("invalid access to map value", "The access goes past the end of the map's value (value_size). " + Bounds),
        ("invalid access to memory", "The access goes past the end of the memory (mem_size). " + Bounds),
        ("zero-sized read: ", "The length can be 0, which this helper does not accept: if (n == 0) return 0; before the call."),
        ("invalid zero-sized read", "The helper is for maps with keys, but this map has no keys. For ring buffers use bpf_ringbuf_reserve, bpf_ringbuf_output or bpf_user_ringbuf_drain."),
        ("read from map forbidden", "Programs cannot read the map (BPF_F_WRONLY_PROG): remove that flag from map_flags."),
        ("min value is negative", "The index or length can be negative. " + Bounds),
        ("unbounded memory access", "The index or length has no upper limit. " + Bounds),
        ("pointer be out of bounds", "The offset added to the pointer may be negative or far too large. " + Bounds),
        ("unbounded min value", "The offset added to the pointer has no limits. " + Bounds),
        ("invalid access to packet", Packet),
        ("is outside of the packet", Packet),
        ("is outside of the allowed memory range", Bounds),
        ("cannot write into packet", "Programs of this type can only read the packet directly; bpf_skb_store_bytes writes where the type allows it."),

        // Memory that is read-only, or of another shape.
        ("write into map forbidden", "The map is read-only for programs (BPF_F_RDONLY_PROG), or has const globals, which are set in the spec before the load."),
        ("cannot write into rdonly", "This memory is read-only for programs; copy it to a variable and change the copy."),
        ("only read is supported", Kernel),
        ("access beyond struct", Layout),
        ("access beyond the end of member", Layout),
        ("cannot access ptr member", Layout),
        ("invalid bpf_context access", "The context has no such field for this type of program, or the field is accessed with a wrong size. Use the struct of this type (struct __sk_buff, struct xdp_md, …) and access each field by its own type; some types cannot write."),
        ("dereference of modified ctx", "Fields of the context are read at constant offsets: use ctx->field, not a computed pointer or a variable index."),
        ("variable ctx access", "Fields of the context are read at constant offsets: use ctx->field, not a computed pointer or a variable index."),
        ("dereference of modified", "This pointer must be used as it was returned: pass it unchanged."),
        ("invalid variable offset", Index),
        ("invalid negative access", "The access is before the start of the object: the offset is negative. " + Layout),
        ("BPF_XADD stores into", Atomic),
        ("BPF_ATOMIC stores into", Atomic),
        ("misaligned", "The address is not a multiple of the size that is read: copy with __builtin_memcpy, or declare the struct __attribute__((packed))."),

        // Loops and size.
        ("infinite loop detected", "The verifier came back to this instruction in the same state, so the loop may never end. Limit the iterations with a constant, as in for (int i = 0; i < 64 && …; i++), or use bpf_loop (5.17). " + Counter),
        ("back-edge from insn", "The verifier rejects loops before 5.3, and on newer kernels without CAP_BPF: write #pragma unroll before the loop, or load with that capability."),
        ("program is too large", CheckedOnce),
        ("jumps is too complex", CheckedOnce),
        ("call stack of", "Calls are nested more than 8 deep: inline some functions with __always_inline. A function that calls itself has no bound: write a loop with one."),

        // Paths.
        ("unreachable insn", "No path leads to this code. " + Undefined),
        ("__bpf_trap", "The compiler put a trap here. " + Undefined),
        ("last insn is not an exit", "The function does not end with an exit. " + Undefined),
        ("jump out of range", "The code jumps out of its function: an asm goto or hand-written instructions have a wrong target."),
        ("unknown opcode", "This kernel does not support an instruction that the compiler used, or it is a call through a pointer, which is not allowed. Set <BpfMcpu>v3</BpfMcpu> in the project for older kernels."),
        ("BPF_STX uses reserved fields", "This kernel does not support atomics that return the old value (5.12), and newer compilers use one for __sync_fetch_and_add even when its result is unused: write __atomic_fetch_add(&x, n, __ATOMIC_RELAXED)."),
        ("expected PTR_TO_INSN", "Only the compiler's jump tables are supported: those of a switch, or of a table of labels in a local variable. A static table is placed among the constants."),

        // Calls.
        ("GPL-restricted", "This helper requires a GPL-compatible license: " + Gpl),
        ("GPL compatible", "This requires a GPL-compatible license: " + Gpl),
        ("cannot pass map_type", "This helper does not work on maps of that type. For example, perf event arrays are written with bpf_perf_event_output and do not support look-ups."),
        ("calling kernel function", "Programs of this type cannot call this kernel function on this kernel: call it from a type that can, such as SEC(\"syscall\"), tp_btf, lsm, struct_ops or xdp, depending on the function."),
        ("sleepable", Sleepable),
        ("might sleep", Sleepable),
        ("Caller passes invalid args into", "A function that is not static is verified on its own and takes only numbers, the context, and pointers that carry their size. Make it static, or pass what it needs by value."),
        ("is not supported yet", "A function that is not static takes only numbers and the context on this kernel; pointers to memory came with 5.12. Make it static, or pass what it needs by value."),
        ("size cannot be determined", "A function that is not static, and takes a pointer, needs the size of what it points to: define the struct in this file, or make the function static."),
        ("doesn't return scalar", "A function that is not static must return a number: make it static, or return int."),
        ("expected=", "The argument has a type that the helper does not accept: type= is what was passed, expected= what is accepted. Kernel and packet memory must be copied to a local variable first; a map is passed by its address, as in &my_map."),

        // References and locks.
        ("reference leak", Unreleased),
        ("Unreleased reference", Unreleased),
        ("has to have BTF in order to use", "The kernel created this map without its types: only BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY and storage maps may have a struct bpf_spin_lock in their values, and a bpf_timer only hashes and arrays. A per-CPU map needs no lock, since each CPU has a value of its own."),
        ("progs cannot use bpf_", "Programs of this type cannot use locks, timers, lists or trees: count with __sync_fetch_and_add, or in a per-CPU map."),
        ("Locking two", "Only one lock can be held at a time: unlock the first before taking the second."),
        ("bpf_spin_unlock is missing", Unlock),
        ("bpf_spin_lock-ed region", Unlock),
        ("-ed region", Section),
        ("bpf_rcu_read_unlock is missing", Section),
        ("bpf_preempt_enable is missing", Section),
        ("bpf_preempt_enable(s) are missing", Section),
        ("while holding a lock", "No function can be called between bpf_spin_lock and bpf_spin_unlock: compute before, store in between, call after."),
        ("initialized dynptr", "Create the dynptr first, with bpf_dynptr_from_mem, bpf_ringbuf_reserve_dynptr or similar. A ring buffer dynptr must be submitted or discarded even when the reservation failed."),
        ("initialized iter_", "An iterator must be created with its _new function and destroyed with its _destroy function on every path; bpf_for and bpf_for_each do both."),

        // What a hook accepts.
        ("is not modifiable", "fmod_ret programs can be attached only to functions that are marked for error injection, and to security hooks (security_…): use fentry, or another function."),

        // The result.
        ("is not a known value", "The program must return a number, but this is a pointer: return a constant such as 0, or the number that the pointer refers to."),
        ("should have been in", "The program returns a number that is not valid for its type: return one within the range the sentence names, such as 0 or 1, or XDP_PASS for XDP."),
        ("unknown scalar value", "The verifier does not know the range of the number that the program returns: return constants, as in return x ? 1 : 0;."),

        // What the kernel must be built with.
        ("failed to find the address for kernel symbol", "This kernel does not list the addresses of its variables: it must be built with CONFIG_KALLSYMS_ALL."),
    ];

    /// <summary>The words that select a hint.</summary>
    internal static IEnumerable<string> Words => s_rows.Select(static row => row.Words);

    /// <summary>Returns the hint for a reason, with a leading space; empty if there is none.</summary>
    internal static string For(string reason)
    {
        if (HelperHint.For(reason) is { } helper)
        {
            return " " + helper;
        }

        if ((PastVariable(reason) ?? PastMemory(reason)) is { } past)
        {
            return " " + past;
        }

        foreach ((string words, string hint) in s_rows)
        {
            if (reason.Contains(words, StringComparison.Ordinal))
            {
                return " " + hint;
            }
        }

        return "";
    }

    // Offsets count down from the end of the stack. A helper gets addresses in R1 to R5; an access that starts on the stack and ends beyond it goes past the last variable.
    private static string? PastVariable(string reason)
    {
        Match match = StackAccess().Match(reason);
        if (!match.Success || !int.TryParse(match.Groups["off"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int offset)
            || !int.TryParse(match.Groups["size"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int size) || offset >= 0 || offset + size <= 0)
        {
            return null;
        }

        string helper = $"The helper accesses {size} bytes at the passed address, but only {-offset} are left on the stack there: the variable is too small. ";
        return match.Groups["register"].Value switch
        {
            "2" => helper + "In a call of a map's function, R2 is the key: declare the variable with the map's key type, such as struct key key = {};, and pass its address. The key comes before the value. Otherwise pass the size of the variable, sizeof(x).",
            "3" => helper + "In a call of a map's function, R3 is the value: declare the variable with the map's value type, and pass its address. The key comes before the value: are they in each other's place? Otherwise pass the size of the variable, sizeof(x).",
            _ => helper + "Pass the size of the variable, sizeof(x), or declare it larger.",
        };
    }

    // A constant offset and size show by how much the access is too long; if the size varies, a bound is missing.
    private static string? PastMemory(string reason)
    {
        Match match = MemoryAccess().Match(reason);
        return match.Success && int.TryParse(match.Groups["all"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int all)
            && int.TryParse(match.Groups["off"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int offset)
            && int.TryParse(match.Groups["size"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int size) && offset < all && size > all - offset && size > sizeof(ulong)
            ? $"{size} bytes are accessed but only {all - offset} are left: the memory has {all} bytes, and the access starts at {offset}. Pass the size of the field, as in sizeof(event->comm); limit a variable length just before the access: if (n > sizeof(event->comm)) return 0;"
            : null;
    }

    // "invalid access to memory, mem_size=20 off=4 size=64", "invalid access to map value, value_size=20 off=4 size=64"
    [GeneratedRegex(@"invalid access to (memory|map value), (mem_size|value_size)=(?<all>\d+) off=(?<off>\d+) size=(?<size>\d+)")]
    private static partial Regex MemoryAccess();

    // "invalid read from stack R2 off=-4 size=8", and on older kernels "invalid indirect access to stack R2 off=-4 size=8" or "invalid stack type R2 off=-4 access_size=8".
    [GeneratedRegex(@"invalid (read from stack|write to stack|indirect access to stack|stack type) R(?<register>[1-5]) off=(?<off>-\d+) (access_)?size=(?<size>\d+)")]
    private static partial Regex StackAccess();
}
