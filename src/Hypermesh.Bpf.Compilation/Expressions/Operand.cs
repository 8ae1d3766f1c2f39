using Hypermesh.Bpf.Compilation.Hooks;

namespace Hypermesh.Bpf.Compilation.Expressions;

/// <summary>What the code of an expression leaves behind.</summary>
/// <param name="Form">Where it is.</param>
internal readonly record struct Operand(OperandForm Form)
{
    /// <summary>True for a signed integer. It is extended to 64 bits either way.</summary>
    internal bool IsSigned { get; init; }

    /// <summary>The size of the integer in bytes, before it was extended.</summary>
    internal int Size { get; init; }

    /// <summary>True for an integer that is an address.</summary>
    internal bool IsPointer { get; init; }

    /// <summary>The kernel type of a place, or behind a pointer; 0 where it is not known.</summary>
    internal int Type { get; init; }

    /// <summary>How the memory of a place, or behind a pointer, is read.</summary>
    internal PointerAccess Access { get; init; }

    /// <summary>True if R0 has a pointer that the verifier follows, to which nothing may be added before it is known not to be NULL.</summary>
    internal bool IsFollowed { get; init; }

    /// <summary>The distance of a place from the address in R0, in bits.</summary>
    internal int BitOffset { get; init; }

    /// <summary>The width of a bit field; 0 for what is none.</summary>
    internal int Bits { get; init; }

    /// <summary>The longest text, with its end; 0 where that is not known.</summary>
    internal int Length { get; init; }

    /// <summary>The text of a literal.</summary>
    internal string? Literal { get; init; }

    /// <summary>The value of a constant.</summary>
    internal long? Constant { get; init; }

    internal bool IsText => Form is OperandForm.Text or OperandForm.Command or OperandForm.Literal;

    /// <summary>True where values of 2^63 and above are possible, which a signed comparison takes for negative ones.</summary>
    internal bool IsWideUnsigned => !IsSigned && Size == sizeof(ulong) && Constant is null;

    internal static Operand Number(int size, bool isSigned) => new(OperandForm.Number) { Size = size, IsSigned = isSigned };
}

/// <summary>Where an operand is.</summary>
internal enum OperandForm
{
    /// <summary>R0 has the value.</summary>
    Number,

    /// <summary>R0 has the address of the struct that has the value.</summary>
    Place,

    /// <summary>R0 has the address of a text.</summary>
    Text,

    /// <summary>A helper writes the name of the current thread.</summary>
    Command,

    /// <summary>It is in the expression.</summary>
    Literal,
}

/// <summary>What a value looks like in a key or a record.</summary>
/// <param name="Size">Its size in bytes.</param>
/// <param name="IsSigned">Whether it is a signed integer.</param>
/// <param name="IsText">Whether it is a text.</param>
/// <param name="IsPointer">Whether it is an address.</param>
internal readonly record struct ValueShape(int Size, bool IsSigned, bool IsText, bool IsPointer);
