using Hypermesh.Bpf.Loading;

namespace Hypermesh.Bpf.Tests.Unit.Loading;

public sealed class VerifierHintTests
{
    [Theory]
    [InlineData("R0 invalid mem access 'map_value_or_null'", "This pointer can be NULL")]
    [InlineData("R7 invalid mem access 'ringbuf_mem_or_null'", "This pointer can be NULL")]
    [InlineData("R7 invalid mem access 'scalar'", "bpf_probe_read_kernel")]
    [InlineData("R3 has type scalar, expected PTR_TO_INSN", "a table of labels that is a local variable")]
    [InlineData("cannot call GPL-restricted function from non-GPL compatible program", "SEC(\"license\")")]
    [InlineData("BPF_STX uses reserved fields", "__ATOMIC_RELAXED")]
    [InlineData("BPF_EXIT instruction in main prog would lead to reference leak", "bpf_ringbuf_discard")]
    [InlineData("invalid func unknown#181", "This kernel has no bpf_loop: it came with Linux 5.17.")]
    [InlineData("unknown func bpf_sys_bpf#166", "Programs of this type may not call bpf_sys_bpf")]
    [InlineData("program of this type cannot use helper bpf_sys_bpf#166", "Programs of this type may not call bpf_sys_bpf")]
    [InlineData("invalid func unknown#4711", "Number 4711 is no helper")]
    public void Common_refusals_say_what_to_do(string reason, string hint)
        => Assert.Contains(hint, VerifierHint.For(reason), StringComparison.Ordinal);

    [Fact]
    public void Others_say_nothing() => Assert.Equal("", VerifierHint.For("R3 !read_ok"));
}
