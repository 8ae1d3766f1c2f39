namespace Hypermesh.Bpf.Tests.Kernel.Compilation;

/// <summary>
/// A random expression over the first argument of a system call (<c>regs-&gt;di</c>, unsigned) and its number (<c>id</c>, signed), with what it is worth: computed here from the tree, by C's rules for 64 bits.
/// </summary>
/// <param name="Text">The expression.</param>
/// <param name="Evaluate">Its value for an argument, and whether it is unsigned.</param>
internal sealed record RandomExpression(string Text, Func<ulong, (ulong Bits, bool IsUnsigned)> Evaluate)
{
    internal const long CallNumber = 121;

    private static readonly string[] s_operators = ["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||"];

    internal static RandomExpression Make(Random random, int depth)
    {
        if (depth == 0 || random.Next(6) == 0)
        {
            return Leaf(random);
        }

        if (random.Next(5) == 0)
        {
            RandomExpression inner = Make(random, depth - 1);
            return random.Next(3) switch
            {
                0 => new($"!({inner.Text})", argument => (inner.Evaluate(argument).Bits == 0 ? 1u : 0u, false)),
                1 => new($"-({inner.Text})", argument => (0 - inner.Evaluate(argument).Bits, false)),
                _ => new($"~({inner.Text})", argument => inner.Evaluate(argument) is var (bits, isUnsigned) ? (~bits, isUnsigned) : default),
            };
        }

        RandomExpression left = Make(random, depth - 1), right = Make(random, depth - 1);
        string one = s_operators[random.Next(s_operators.Length)];
        return new($"({left.Text}) {one} ({right.Text})", argument => Combine(one, left.Evaluate(argument), right.Evaluate(argument)));
    }

    private static RandomExpression Leaf(Random random)
    {
        long constant = random.Next(4) switch { 0 => random.Next(-3, 4), 1 => random.NextInt64(), 2 => -random.NextInt64(1, long.MaxValue), _ => random.Next(70) };
        return random.Next(3) switch
        {
            0 => new("regs->di", static argument => (argument, true)),
            1 => new("id", static _ => (CallNumber, false)),
            _ => new(constant.ToString(System.Globalization.CultureInfo.InvariantCulture), _ => ((ulong)constant, false)),
        };
    }

    private static (ulong Bits, bool IsUnsigned) Combine(string one, (ulong Bits, bool IsUnsigned) left, (ulong Bits, bool IsUnsigned) right)
    {
        (ulong a, ulong b) = (left.Bits, right.Bits);
        bool isUnsigned = left.IsUnsigned || right.IsUnsigned;
        int order = isUnsigned ? a.CompareTo(b) : ((long)a).CompareTo((long)b);
        return one switch
        {
            "==" => (Bit(a == b), false),
            "!=" => (Bit(a != b), false),
            "<" => (Bit(order < 0), false),
            "<=" => (Bit(order <= 0), false),
            ">" => (Bit(order > 0), false),
            ">=" => (Bit(order >= 0), false),
            "&&" => (Bit(a != 0 && b != 0), false),
            "||" => (Bit(a != 0 || b != 0), false),
            "+" => (a + b, isUnsigned),
            "-" => (a - b, isUnsigned),
            "*" => (a * b, isUnsigned),
            "&" => (a & b, isUnsigned),
            "|" => (a | b, isUnsigned),
            "^" => (a ^ b, isUnsigned),
            "<<" => (a << (int)(b & 63), isUnsigned),
            ">>" => (isUnsigned ? a >> (int)(b & 63) : (ulong)((long)a >> (int)(b & 63)), isUnsigned),
            "/" => (b == 0 ? 0 : isUnsigned ? a / b : Divide((Int128)(long)a, (long)b), isUnsigned),
            _ => (b == 0 ? a : isUnsigned ? a % b : (ulong)(Int128)((Int128)(long)a % (long)b), isUnsigned),
        };
    }

    // Also of the least number by -1, whose result has no sign bit.
    private static ulong Divide(Int128 a, long b) => unchecked((ulong)(a / b));

    private static ulong Bit(bool holds) => holds ? 1u : 0u;
}
