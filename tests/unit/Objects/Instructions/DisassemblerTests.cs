using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Instructions;

/// <summary>Instructions in the verifier's words, one of each form.</summary>
public sealed class DisassemblerTests
{
    [Theory]
    [InlineData(0xb7, 1, 0, 0, 5, "r1 = 5")]
    [InlineData(0xb4, 1, 0, 0, -5, "w1 = -5")]
    [InlineData(0xbf, 1, 2, 0, 0, "r1 = r2")]
    [InlineData(0xbf, 1, 2, 8, 0, "r1 = (s8)r2")]
    [InlineData(0xbc, 1, 2, 16, 0, "w1 = (s16)w2")]
    [InlineData(0xbf, 1, 2, 32, 0, "r1 = (s32)r2")]
    [InlineData(0xbf, 1, 2, 1, 0x10002, "r1 = addr_space_cast(r2, 1, 2)")]
    [InlineData(0xbf, 1, 2, -1, 0, "r1 = &(void __percpu *)(r2)")]
    [InlineData(0x07, 10, 0, 0, -16, "r10 += -16")]
    [InlineData(0x1c, 1, 2, 0, 0, "w1 -= w2")]
    [InlineData(0x37, 1, 0, 1, 7, "r1 s/= 7")]
    [InlineData(0x9f, 1, 2, 1, 0, "r1 s%= r2")]
    [InlineData(0x9f, 1, 2, 0, 0, "r1 %= r2")]
    [InlineData(0x2f, 1, 2, 1, 0, "r1 uh*= r2")]
    [InlineData(0x2f, 1, 2, 2, 0, "r1 sh*= r2")]
    [InlineData(0xc7, 1, 0, 0, 32, "r1 s>>= 32")]
    [InlineData(0x87, 3, 0, 0, 0, "r3 = -r3")]
    [InlineData(0x84, 3, 0, 0, 0, "w3 = -w3")]
    [InlineData(0xd4, 3, 0, 0, 16, "r3 = le16 r3")]
    [InlineData(0xdc, 3, 0, 0, 64, "r3 = be64 r3")]
    [InlineData(0xd7, 3, 0, 0, 32, "r3 = bswap32 r3")]
    [InlineData(0x79, 1, 10, -8, 0, "r1 = *(u64 *)(r10 -8)")]
    [InlineData(0x61, 1, 6, 0, 0, "r1 = *(u32 *)(r6 +0)")]
    [InlineData(0x91, 1, 6, 4, 0, "r1 = *(s8 *)(r6 +4)")]
    [InlineData(0x81, 1, 6, 4, 0, "r1 = *(s32 *)(r6 +4)")]
    [InlineData(0x6b, 10, 1, -2, 0, "*(u16 *)(r10 -2) = r1")]
    [InlineData(0x72, 10, 0, -1, 7, "*(u8 *)(r10 -1) = 7")]
    [InlineData(0xc2, 0, 0, 0, 0, "nospec")]
    [InlineData(0x20, 0, 0, 0, 12, "r0 = *(u32 *)skb[12]")]
    [InlineData(0x50, 0, 3, 0, 12, "r0 = *(u8 *)skb[r3 + 12]")]
    [InlineData(0xdb, 1, 2, 8, 0, "lock *(u64 *)(r1 +8) += r2")]
    [InlineData(0xc3, 1, 2, 8, 0xa0, "lock *(u32 *)(r1 +8) ^= r2")]
    [InlineData(0xdb, 1, 2, 8, 0x41, "r2 = atomic64_fetch_or((u64 *)(r1 +8), r2)")]
    [InlineData(0xc3, 1, 2, 8, 0x51, "r2 = atomic_fetch_and((u32 *)(r1 +8), r2)")]
    [InlineData(0xdb, 1, 2, 8, 0xe1, "r2 = atomic64_xchg((u64 *)(r1 +8), r2)")]
    [InlineData(0xc3, 1, 2, 8, 0xf1, "r0 = atomic_cmpxchg((u32 *)(r1 +8), r0, r2)")]
    [InlineData(0xdb, 1, 2, 8, 0x100, "r1 = load_acquire((u64 *)(r2 +8))")]
    [InlineData(0xd3, 1, 2, 8, 0x110, "store_release((u8 *)(r1 +8), r2)")]
    [InlineData(0x05, 0, 0, 7, 0, "goto pc+7")]
    [InlineData(0x06, 0, 0, 0, -70000, "gotol pc-70000")]
    [InlineData(0x0d, 4, 0, 0, 0, "gotox r4")]
    [InlineData(0xe5, 0, 0, 3, 0, "may_goto pc+3")]
    [InlineData(0x65, 1, 0, 3, 5, "if r1 s> 0x5 goto pc+3")]
    [InlineData(0x16, 1, 0, -3, -1, "if w1 == 0xffffffff goto pc-3")]
    [InlineData(0xad, 1, 2, 3, 0, "if r1 < r2 goto pc+3")]
    [InlineData(0x4d, 1, 2, 3, 0, "if r1 & r2 goto pc+3")]
    [InlineData(0x85, 0, 0, 0, 1, "call bpf_map_lookup_elem#1")]
    [InlineData(0x85, 0, 0, 0, 195896080, "call unknown#195896080")]
    [InlineData(0x85, 0, 1, 0, 6, "call pc+6")]
    [InlineData(0x85, 0, 2, 0, 1234, "call kernel-function#1234")]
    [InlineData(0x95, 0, 0, 0, 0, "exit")]
    [InlineData(0xe7, 1, 0, 0, 0, "invalid instruction")]
    [InlineData(0x01, 1, 0, 0, 0, "invalid instruction")]
    [InlineData(0xdb, 1, 2, 8, 0x33, "invalid instruction")]
    [InlineData(0x18, 1, 0, 0, 0, "invalid instruction")]
    public void Each_form_has_its_text(byte code, byte destination, byte source, short offset, int immediate, string text)
        => Assert.Equal(text, Assert.Single(new BpfDisassembler().Disassemble([new BpfInstruction(code, destination, source, offset, immediate)])).Text);

    [Theory]
    [InlineData(0, 0x55667788, 0x11223344, "0x1122334455667788")]
    [InlineData(1, 3, 0, "map[id:3]")]
    [InlineData(2, 3, 16, "map[id:3][0]+16")]
    [InlineData(4, 7, 0, "subprog[+7]")]
    public void A_wide_load_takes_two_slots(byte source, int low, int high, string text)
    {
        IReadOnlyList<BpfDisassembledInstruction> all = new BpfDisassembler().Disassemble(
            [new BpfInstruction(0x18, 2, source, 0, low), new BpfInstruction(0, 0, 0, 0, high), new BpfInstruction(0x95, 0, 0, 0, 0)]);

        Assert.Equal([$"   0: (18) r2 = {text}", "   2: (95) exit"], all.Select(instruction => instruction.ToString()));
    }

    [Fact]
    public void Helpers_have_names_and_numbers()
    {
        Assert.Equal(("bpf_map_lookup_elem", 130, -1), (BpfHelpers.NameOf(1), BpfHelpers.NumberOf("bpf_ringbuf_output"), BpfHelpers.NumberOf("no")));
        Assert.Null(BpfHelpers.NameOf(BpfHelpers.Count));
        Assert.Null(BpfHelpers.NameOf(-1));
    }
}
