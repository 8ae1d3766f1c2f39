using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

/// <summary>The hint for each sentence of the verifier, for all rows of the table. The kernel tests show that a kernel says them, where that can be provoked.</summary>
public sealed class VerifierHintTests
{
    public static TheoryData<string, string> Sentences => new()
    {
        { "invalid access to memory, mem_size=20 off=4 size=64", "64 bytes are accessed but only 16 are left" },
        { "R2 is not a known constant'", "bpf_ringbuf_output" },
        { "helper call is not allowed in probe", "bpf_d_path" },
        { "the running kernel has nothing that matches struct task_struct.state", "bpf_core_field_exists" },
        { "R0 invalid mem access 'map_value_or_null'", "This pointer can be NULL" },
        { "R7 invalid mem access 'ringbuf_mem_or_null'", "This pointer can be NULL" },
        { "R1 invalid mem access 'trusted_ptr_or_null_'", "This pointer can be NULL" },
        { "Possibly NULL pointer passed to trusted arg0", "This pointer can be NULL" },
        { "R0 pointer arithmetic on map_value_or_null prohibited, null-check it first", "Arithmetic on this pointer is not allowed" },
        { "R7 invalid mem access 'scalar'", "bpf_probe_read_kernel" },
        { "R2 invalid mem access 'inv'", "bpf_probe_read_kernel" },
        { "R1 must be referenced or trusted", "only trusted pointers" },
        { "R1 must be a rcu pointer", "only trusted pointers" },
        { "arg#0 pointer type STRUCT task_struct must point to scalar, or struct with scalar", "bpf_get_current_task_btf" },
        { "R1 pointer comparison prohibited", "CAP_PERFMON" },
        { "R0 leaks addr as return value", "CAP_PERFMON" },
        { "R1 bitwise operator &= on pointer prohibited", "Cast a copy to unsigned long" },
        { "func 'bpf_trace_sched_switch' doesn't have 7-th argument", "fewer arguments" },
        { "R3 !read_ok", "initialize the variable where it is declared" },
        { "R4 !read_ok", "declare it with BPF_PROG" },
        { "invalid indirect read from stack R2 off -8+4 size 8", "__builtin_memset" },
        { "invalid read from stack R2 off -8+0 size 8", "__builtin_memset" },
        { "combined stack size of 2 calls is 576. Too large", "BPF_MAP_TYPE_PERCPU_ARRAY" },
        { "stack size of subprog 0 is 608. Too large", "BPF_MAP_TYPE_PERCPU_ARRAY" },
        { "invalid stack off=-520 size=8", "outside of the variable" },
        { "invalid stack type R3 off=-32 access_size=16", "__builtin_memset" },
        { "invalid stack type R3 off=-4 access_size=32", "declare the variable with the map's value type" },
        { "invalid write to stack R1 off=0 size=8", "outside of the variable" },
        { "invalid indirect access to stack R1 off=-8 size=16", "only 8 are left on the stack there: the variable is too small. Pass the size of the variable" },
        { "invalid indirect access to stack R1 off=0 size=16", "larger than the variable" },
        { "invalid read from stack R2 off=-4 size=8", "declare the variable with the map's key type" },
        { "invalid read from stack R2 off -8+4 size 8", "declare it with the type of the map's key or value" },
        { "invalid unbounded variable-offset write to stack R1", "n &= sizeof(buffer) - 1" },
        { "invalid variable-offset read from stack R1 var_off=(0x0; 0xff) off=-8 size=1", "n &= sizeof(buffer) - 1" },
        { "variable stack access var_off=(0x0; 0xff) off=-8 size=1", "n &= sizeof(buffer) - 1" },
        { "invalid access to map value, value_size=8 off=8 size=8; R0 min value is outside of the allowed memory range", "past the end of the map's value" },
        { "invalid access to memory, mem_size=8 off=8 size=8", "past the end of the memory" },
        { "R2 invalid zero-sized read: u64=[0,64]", "The length can be 0" },
        { "invalid zero-sized read", "The helper is for maps with keys" },
        { "value -2147483648 makes map_value pointer be out of bounds", "may be negative" },
        { "R2 min value is negative, either use unsigned or 'var &= const'", "can be negative" },
        { "R2 unbounded memory access, use 'var &= const' or 'if (var < const)'", "no upper limit" },
        { "math between map_value pointer and register with unbounded min value is not allowed", "has no limits" },
        { "R3 max value is outside of the allowed memory range", "barrier_var" },
        { "invalid access to packet, off=0 size=14, R1(id=0,off=0,r=0)", "Compare with data_end" },
        { "R1 invalid access to packet, off=0 size=14, R1(id=0,off=0,r=0); R1 min value is outside of the allowed memory range", "Compare with data_end" },
        { "R1 offset is outside of the packet", "Compare with data_end" },
        { "cannot write into packet", "bpf_skb_store_bytes" },
        { "write into map forbidden, value_size=4 off=0 size=4", "BPF_F_RDONLY_PROG" },
        { "R0 cannot write into rdonly_mem", "change the copy" },
        { "only read is supported", "read-only" },
        { "access beyond struct task_struct at off 99999 size 4", "preserve_access_index" },
        { "access beyond the end of member comm (mend:2992) in struct task_struct with access of 8", "<BpfVmlinux>" },
        { "cannot access ptr member ops with moff 40 in struct file with off 44 size 4", "preserve_access_index" },
        { "invalid bpf_context access off=200 size=4", "struct __sk_buff" },
        { "dereference of modified ctx ptr R1 off=8 disallowed", "ctx->field" },
        { "misaligned stack access off (0x0; 0x0)+0+-7 size 8", "__builtin_memcpy" },
        { "infinite loop detected at insn 12", "bpf_loop" },
        { "tail_calls are not allowed when call stack of previous frames is 304 bytes. Too large", "256 bytes" },
        { "R1 must be referenced when passed to release function", "can be released, once" },
        { "R1 must have zero offset when passed to release func or trusted arg to kfunc", "that was returned" },
        { "bpf_fentry_test1 is not sleepable", "without .s" },
        { "R2 pointer arithmetic with <<= operator prohibited", "addition and subtraction" },
        { "R2 32-bit pointer arithmetic prohibited", "unsigned long" },
        { "attempt to corrupt spilled pointer on stack", "past the end" },
        { "same insn cannot be used with different pointers", "asm volatile" },
        { "R1 invalid mem access 'map_ptr'", "bpf_map_lookup_elem" },
        { "release kernel function bpf_task_release expects refcounted PTR_TO_BTF_ID", "can be released, once" },
        { "kernel function bpf_task_acquire args#0 expected pointer to STRUCT task_struct but R1 has a pointer to STRUCT cgroup", "exactly that type" },
        { "read from map forbidden, value_size=8 off=0 size=8", "BPF_F_WRONLY_PROG" },
        { "variable ctx access var_off=(0x0; 0x4) disallowed", "ctx->field" },
        { "dereference of modified percpu_ptr_ ptr R1 off=8 disallowed", "unchanged" },
        { "R1 is ptr_task_struct invalid variable offset: off=0, var_off=(0x0; 0xff)", "bpf_probe_read_kernel" },
        { "R1 is ptr_task_struct invalid negative access: off=-8", "before the start of the object" },
        { "BPF_XADD stores into R1 ctx is not allowed", "Atomic operations" },
        { "BPF_ATOMIC stores into R1 ctx is not allowed", "Atomic operations" },
        { "arg#0 reference type('UNKNOWN ') size cannot be determined: -22", "define the struct" },
        { "map 'counters' has to have BTF in order to use bpf_spin_lock", "needs no lock" },
        { "tracing progs cannot use bpf_spin_lock yet", "per-CPU map" },
        { "Locking two bpf_spin_locks are not allowed", "Only one lock can be held" },
        { "BPF_EXIT instruction in main prog cannot be used inside bpf_rcu_read_lock-ed region", "before each return" },
        { "bpf_rcu_read_unlock is missing", "before each return" },
        { "1 bpf_preempt_enable is missing", "before each return" },
        { "2 bpf_preempt_enable(s) are missing", "before each return" },
        { "vfs_read() is not modifiable", "fentry" },
        { "At program exit the register R0 is not a known value (fp)", "must return a number" },
        { "back-edge from insn 9 to 3", "#pragma unroll" },
        { "BPF program is too large. Processed 1000001 insn", "bpf_loop" },
        { "BPF program is too large. Processed 1000001 insn", "a counter whose address is passed to a helper" },
        { "infinite loop detected at insn 12", "a counter whose address is passed to a helper" },
        { "The sequence of 8193 jumps is too complex.", "bpf_for" },
        { "the call stack of 9 frames is too deep !", "__always_inline" },
        { "the call stack of 8 frames is too deep !", "A function that calls itself has no bound" },
        { "unreachable insn 5", "clang's warnings" },
        { "unexpected __bpf_trap() due to uninitialized variable?", "put a trap here" },
        { "last insn is not an exit or jmp", "a missing return" },
        { "jump out of range from insn 2 to 9", "asm goto" },
        { "unknown opcode 8d", "<BpfMcpu>v3" },
        { "BPF_STX uses reserved fields", "__ATOMIC_RELAXED" },
        { "R3 has type scalar, expected PTR_TO_INSN", "a table of labels in a local variable" },
        { "cannot call GPL-restricted function from non-GPL compatible program", "SEC(\"license\")" },
        { "LSM programs must have a GPL compatible license", "SEC(\"license\")" },
        { "cannot pass map_type 27 into func bpf_map_lookup_elem#1", "does not work on maps of that type" },
        { "calling kernel function bpf_task_acquire is not allowed", "Programs of this type cannot call" },
        { "program must be sleepable to call sleepable kfunc bpf_copy_from_user_str", "with .s" },
        { "helper call might sleep in non-sleepable prog", "with .s" },
        { "R1 type=scalar expected=fp; Caller passes invalid args into func#1 ('step')", "Make it static" },
        { "Global function step() doesn't return scalar. Only those are supported.", "must return a number" },
        { "arg#0 type is not a struct; Arg#0 type PTR in step() is not supported yet.", "Make it static" },
        { "R1 type=fp expected=map_ptr", "type= is what was passed" },
        { "BPF_EXIT instruction in main prog would lead to reference leak", "bpf_ringbuf_discard" },
        { "Unreleased reference id=2 alloc_insn=3", "bpf_ringbuf_discard" },
        { "bpf_spin_unlock is missing", "before each return" },
        { "BPF_EXIT instruction in main prog cannot be used inside bpf_spin_lock-ed region", "before each return" },
        { "function calls are not allowed while holding a lock", "call after" },
        { "Expected an initialized dynptr as arg #0", "bpf_dynptr_from_mem" },
        { "expected an initialized iter_num as arg #0", "bpf_for_each" },
        { "At program exit the register R0 has smin=9 smax=9 should have been in [0, 1]", "within the range the sentence names" },
        { "R0 unknown scalar value", "return constants" },
        { "failed to find the address for kernel symbol 'x'.", "CONFIG_KALLSYMS_ALL" },
    };

    [Theory]
    [MemberData(nameof(Sentences))]
    public void Common_sentences_have_a_hint(string reason, string hint)
        => Assert.Contains(hint, VerifierHint.For(reason), StringComparison.Ordinal);

    [Theory]
    [InlineData("invalid func unknown#181", "This kernel does not support bpf_loop: it came with Linux 5.17.")]
    [InlineData("unknown func bpf_sys_bpf#166", "Programs of this type cannot call bpf_sys_bpf")]
    [InlineData("program of this type cannot use helper bpf_sys_bpf#166", "Programs of this type cannot call bpf_sys_bpf")]
    [InlineData("invalid func unknown#4711", "helper with number 4711")]
    public void A_helper_that_may_not_be_called_is_named(string reason, string hint)
        => Assert.Contains(hint, VerifierHint.For(reason), StringComparison.Ordinal);

    [Fact]
    public void Every_row_is_tried()
        => Assert.All(VerifierHint.Words, static words => Assert.Contains(Sentences, row => row.Data.Item1.Contains(words, StringComparison.Ordinal)));

    [Fact]
    public void Other_sentences_have_no_hint() => Assert.Equal("", VerifierHint.For("func_info BTF section doesn't match subprog layout in BPF program"));
}
