namespace Hypermesh.Bpf.Compilation.Expressions;

/// <summary>A part of an expression, as it was written.</summary>
/// <param name="Position">Where it begins in the text, for messages.</param>
internal abstract record Expression(int Position);

internal sealed record NumberExpression(int Position, long Value) : Expression(Position);

internal sealed record TextExpression(int Position, string Value) : Expression(Position);

/// <summary>An argument or field of the hook, or something about the current task.</summary>
internal sealed record NameExpression(int Position, string Name) : Expression(Position);

/// <summary>A member of a struct, or of the struct that a pointer points to.</summary>
internal sealed record MemberExpression(int Position, Expression Target, string Name) : Expression(Position);

internal sealed record IndexExpression(int Position, Expression Target, Expression Index) : Expression(Position);

internal sealed record CallExpression(int Position, string Name, Expression Argument) : Expression(Position);

internal sealed record UnaryExpression(int Position, Operator Operator, Expression Operand) : Expression(Position);

internal sealed record BinaryExpression(int Position, Operator Operator, Expression Left, Expression Right) : Expression(Position);

/// <summary>The operators, by which binary ones bind: those of C.</summary>
internal enum Operator
{
    Or, And, BitOr, BitExclusiveOr, BitAnd,
    Equal, NotEqual, Less, LessOrEqual, Greater, GreaterOrEqual,
    ShiftLeft, ShiftRight, Add, Subtract, Multiply, Divide, Remainder,
    Not, Negate, BitNot,
}
