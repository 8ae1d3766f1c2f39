using Hypermesh.Bpf.Compilation.Expressions;

namespace Hypermesh.Bpf.Tests.Unit.Compilation.Expressions;

/// <summary>Expressions bind as in C, and an error names its place.</summary>
public sealed class ExpressionParserTests
{
    [Theory]
    [InlineData("1 + 2 * 3", "(1 + (2 * 3))")]
    [InlineData("1 - 2 - 3", "((1 - 2) - 3)")]
    [InlineData("a & 1 == 0", "(a & (1 == 0))")]
    [InlineData("a || b && c | d ^ e & f", "(a || (b && (c | (d ^ (e & f)))))")]
    [InlineData("a << 1 < b >> 2", "((a << 1) < (b >> 2))")]
    [InlineData("a<=b!=c>=d", "((a <= b) != (c >= d))")]
    [InlineData("-a->b.c[2] + !~d", "(-(a.b.c[2]) + !(~(d)))")]
    [InlineData("-5", "-5")]
    [InlineData("- 5 - -5", "(-5 - -5)")]
    [InlineData("(1 + 2) * 3", "((1 + 2) * 3)")]
    [InlineData("0x10 + 18446744073709551615", "(16 + -1)")]
    [InlineData("str(a->b) == \"x\\\"\\n\"", "(str(a.b) == \"x\"\n\")")]
    [InlineData("a-b", "(a - b)")]
    [InlineData("  comm=='x y' ", "(comm == \"x y\")")]
    public void Operators_bind_as_in_C(string text, string tree) => Assert.Equal(tree, Text(ExpressionParser.Parse(text)));

    [Theory]
    [InlineData("", 1, "Expected a name, a number, a string or '(', but the expression ends.")]
    [InlineData("a +", 4, "but the expression ends.")]
    [InlineData("a b", 3, "Expected the end, not 'b'.")]
    [InlineData("(a", 3, "Expected ')', but the expression ends.")]
    [InlineData("a[1", 4, "Expected ']', but the expression ends.")]
    [InlineData("a->", 4, "Expected the name of a member, but the expression ends.")]
    [InlineData("a.1", 3, "Expected the name of a member, not '1'.")]
    [InlineData("\"abc", 1, "The string has no end: a \" is missing.")]
    [InlineData("1x", 1, "'1x' is not a number of at most 64 bits.")]
    [InlineData("18446744073709551616", 1, "is not a number of at most 64 bits.")]
    [InlineData("a = b", 3, "Expected the end, not '='. To compare, write ==.")]
    [InlineData("a ? b", 3, "Expected the end, not '?'.")]
    [InlineData("a\0b", 2, "Expected the end, not '\0'.")]
    public void What_is_no_expression_is_told_with_its_place(string text, int character, string message)
    {
        string told = Assert.Throws<BpfException>(() => ExpressionParser.Parse(text)).Message;

        Assert.StartsWith($"Expression '{text}', character {character}: ", told, StringComparison.Ordinal);
        Assert.EndsWith(message, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(")]
    [InlineData("!")]
    [InlineData("a[")]
    [InlineData("str(")]
    public void Nesting_without_end_is_told(string part)
        => Assert.Contains("nested too deep", Assert.Throws<BpfException>(() => ExpressionParser.Parse(string.Concat(Enumerable.Repeat(part, 100_000)))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(" + 1")]
    [InlineData("->b")]
    [InlineData("[1]")]
    [InlineData(" && 1")]
    public void A_chain_without_end_is_told(string part)
        => Assert.Contains("has more than 500 parts", Assert.Throws<BpfException>(() => ExpressionParser.Parse("a" + string.Concat(Enumerable.Repeat(part, 100_000)))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_chain_is_not_nesting()
        => Assert.IsType<BinaryExpression>(ExpressionParser.Parse(string.Join(" + ", Enumerable.Repeat("a->b", 100))));

    private static string Text(Expression expression) => expression switch
    {
        NumberExpression number => number.Value.ToString(System.Globalization.CultureInfo.InvariantCulture),
        TextExpression text => $"\"{text.Value}\"",
        NameExpression name => name.Name,
        MemberExpression member => $"{Text(member.Target)}.{member.Name}",
        IndexExpression index => $"{Text(index.Target)}[{Text(index.Index)}]",
        CallExpression call => $"{call.Name}({Text(call.Argument)})",
        UnaryExpression unary => $"{Word(unary.Operator)}({Text(unary.Operand)})",
        BinaryExpression binary => $"({Text(binary.Left)} {Word(binary.Operator)} {Text(binary.Right)})",
        _ => throw new InvalidOperationException(),
    };

    private static string Word(Operator one) => one switch
    {
        Operator.Or => "||",
        Operator.And => "&&",
        Operator.BitOr => "|",
        Operator.BitExclusiveOr => "^",
        Operator.BitAnd => "&",
        Operator.Equal => "==",
        Operator.NotEqual => "!=",
        Operator.Less => "<",
        Operator.LessOrEqual => "<=",
        Operator.Greater => ">",
        Operator.GreaterOrEqual => ">=",
        Operator.ShiftLeft => "<<",
        Operator.ShiftRight => ">>",
        Operator.Add => "+",
        Operator.Subtract or Operator.Negate => "-",
        Operator.Multiply => "*",
        Operator.Divide => "/",
        Operator.Remainder => "%",
        Operator.Not => "!",
        _ => "~",
    };
}
