using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Relocation;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Relocation;

/// <summary>Asks single CO-RE questions of hand-made types.</summary>
internal sealed class CoreProbe(BtfBuilder local, params BtfTypes[] targets)
{
    public const byte MoveImmediate = 0xb7;
    public const byte LoadWord = 0x61;
    public const byte LoadHalf = 0x69;
    public const byte LoadByte = 0x71;
    public const byte LoadDouble = 0x79;

    public CoreProbe(BtfBuilder local, BtfBuilder target)
        : this(local, target.Types())
    {
    }

    /// <summary>The instructions after the last question.</summary>
    public BpfInstruction[] Instructions { get; private set; } = [];

    public CoreOutcome Ask(CoreRelocationKind kind, int type, string access, params BpfInstruction[] instructions)
    {
        CoreRelocation relocation = Relocation(kind, type, access);
        Instructions = instructions;
        return Relocator().Apply(relocation, instructions, 0, "probe");
    }

    /// <summary>Asks with a move of the expected local value, as clang writes it for everything but accesses.</summary>
    public CoreOutcome AskValue(CoreRelocationKind kind, int type, string access, int localValue)
        => Ask(kind, type, access, new BpfInstruction(MoveImmediate, 1, 0, 0, localValue));

    public CoreRelocation Relocation(CoreRelocationKind kind, int type, string access)
        => new(0, type, local.String(access), kind);

    public CoreRelocator Relocator() => new(local.Types("object"), targets, "object");
}
