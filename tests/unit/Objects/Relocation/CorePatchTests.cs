using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>Which instructions can hold an answer, and how loads change their width.</summary>
public sealed class CorePatchTests
{
    private const byte StoreWord = 0x62;
    private const byte StoreRegisterWord = 0x63;
    private const byte MoveRegister = 0xbf;
    private const byte Jump = 0x05;

    [Theory]
    [InlineData(1, CoreProbe.LoadByte)]
    [InlineData(2, CoreProbe.LoadHalf)]
    [InlineData(8, CoreProbe.LoadDouble)]
    public void A_load_of_an_unsigned_field_has_the_kernels_width(uint size, byte expected)
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("unsigned int", 4), b => b.Int("u", size));

        Assert.False(probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", new BpfInstruction(CoreProbe.LoadWord, 1, 2, 0, 0)).IsPoisoned);
        Assert.Equal(new BpfInstruction(expected, 1, 2, 8, 0), probe.Instructions[0]);
    }

    [Theory]
    [InlineData(StoreWord, 0x7a)]
    [InlineData(StoreRegisterWord, 0x7b)]
    public void A_store_to_an_unsigned_field_has_the_kernels_width(byte store, byte expected)
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("unsigned int", 4), b => b.Int("u", 8));

        probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", new BpfInstruction(store, 1, 2, 0, 5));

        Assert.Equal(new BpfInstruction(expected, 1, 2, 8, 5), probe.Instructions[0]);
    }

    [Fact]
    public void A_load_of_a_signed_field_of_another_width_is_poisoned_but_its_offset_is_known()
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("int", 4, BtfIntEncoding.Signed), b => b.Int("long", 8, BtfIntEncoding.Signed));

        Assert.True(probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", new BpfInstruction(CoreProbe.LoadWord, 1, 2, 0, 0)).IsPoisoned);
        Assert.Equal(new BpfInstruction(BpfOpCode.Call, 0, 0, 0, 0xbad2310), probe.Instructions[0]);
        Assert.Equal(new CoreOutcome(false, 0, 8), probe.AskValue(CoreRelocationKind.FieldByteOffset, task, "0:0", 0));
    }

    [Fact]
    public void A_load_of_an_element_has_the_width_of_the_element()
    {
        (CoreProbe probe, int task) = Fields(b => b.Array(b.Int("unsigned int", 4), 4), b => b.Array(b.Int("u16", 2), 4));

        probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0:3", new BpfInstruction(CoreProbe.LoadWord, 1, 2, 12, 0));

        Assert.Equal(new BpfInstruction(CoreProbe.LoadHalf, 1, 2, 8 + 6, 0), probe.Instructions[0]);
    }

    [Fact]
    public void A_width_that_no_load_has_is_rejected()
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("unsigned int", 4), b => b.Int("u128", 16));

        Assert.Contains("the field has 16 bytes in the kernel", Assert.Throws<BpfException>(
            () => probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", new BpfInstruction(CoreProbe.LoadWord, 1, 2, 0, 0))).Message);
    }

    [Fact]
    public void A_load_of_another_width_than_the_objects_field_cannot_be_resized()
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("unsigned int", 4), b => b.Int("u", 8));

        Assert.Contains("accesses 1 bytes, but the field has 4", Assert.Throws<BpfObjectFormatException>(
            () => probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", new BpfInstruction(CoreProbe.LoadByte, 1, 2, 0, 0))).Message);
    }

    [Fact]
    public void An_offset_too_large_for_a_load_is_rejected_with_the_remedy()
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("int", 4), b => b.Int("int", 4), targetBitOffset: 40000 * 8);

        Assert.Contains("bpf_core_read", Assert.Throws<BpfException>(
            () => probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", new BpfInstruction(CoreProbe.LoadWord, 1, 2, 0, 0))).Message);
        Assert.Equal(40000UL, probe.AskValue(CoreRelocationKind.FieldByteOffset, task, "0:0", 0).TargetValue);
    }

    [Fact]
    public void The_instruction_must_hold_the_value_the_compiler_wrote()
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("int", 4), b => b.Int("int", 4));

        BpfInstruction[] wrong =
        [
            new(CoreProbe.MoveImmediate, 1, 0, 0, 4),
            new(CoreProbe.LoadWord, 1, 2, 4, 0),
            new(BpfOpCode.LoadImmediate64, 1, 0, 0, 4),
        ];
        foreach (BpfInstruction instruction in wrong)
        {
            BpfObjectFormatException e = Assert.Throws<BpfObjectFormatException>(() => probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", instruction, default));
            Assert.Contains("program probe, instruction 0: CO-RE relocation <field_byte_offset> struct task.f (0:0): the instruction has the constant 4", e.Message);
            Assert.Equal(("object", ".BTF.ext"), (e.FileName, e.SectionName));
        }
    }

    [Fact]
    public void Instructions_that_cannot_hold_the_value_are_rejected()
    {
        (CoreProbe probe, int task) = Fields(b => b.Int("int", 4), b => b.Int("int", 4));
        BpfInstruction wide = new(BpfOpCode.LoadImmediate64, 1, 0, 0, 0);

        BpfInstruction[][] wrong =
        [
            [new(MoveRegister, 1, 2, 0, 0)],
            [new(Jump, 0, 0, 0, 0)],
            [new(0x20, 0, 0, 0, 0)],
            [new(BpfOpCode.LoadImmediate64, 1, BpfOpCode.PseudoMap, 0, 0), default],
            [wide, new(CoreProbe.MoveImmediate, 0, 0, 0, 0)],
            [wide],
            [],
        ];
        foreach (BpfInstruction[] instructions in wrong)
        {
            Assert.Throws<BpfObjectFormatException>(() => probe.Ask(CoreRelocationKind.FieldByteOffset, task, "0:0", instructions));
        }
    }

    private static (CoreProbe Probe, int Task) Fields(Func<BtfBuilder, int> localType, Func<BtfBuilder, int> targetType, uint targetBitOffset = 64)
    {
        var local = new BtfBuilder();
        int task = local.Struct("task", 64, ("f", localType(local), 0));
        var target = new BtfBuilder();
        target.Struct("task", 50000, ("f", targetType(target), targetBitOffset));
        return (new CoreProbe(local, target), task);
    }
}
