using System.Globalization;
using System.Text;

namespace Hypermesh.Bpf.Compilation.Expressions;

/// <summary>
/// Parses an expression: numbers, strings in quotes, names, <c>a-&gt;b</c> and <c>a.b</c>, <c>a[n]</c>, <c>str(a)</c>, and the operators of C with C's precedence.
/// </summary>
internal sealed class ExpressionParser
{
    // Each level is a few frames of the stack; no expression that anybody writes has as many.
    private const int DeepestNesting = 64;

    // A chain of operators is as deep as it is long.
    private const int MostParts = 500;

    // From the loosest to the tightest. The longest word comes first, where one begins with another.
    private static readonly (string Word, Operator Operator)[][] s_levels =
    [
        [("||", Operator.Or)],
        [("&&", Operator.And)],
        [("|", Operator.BitOr)],
        [("^", Operator.BitExclusiveOr)],
        [("&", Operator.BitAnd)],
        [("==", Operator.Equal), ("!=", Operator.NotEqual)],
        [("<=", Operator.LessOrEqual), (">=", Operator.GreaterOrEqual), ("<", Operator.Less), (">", Operator.Greater)],
        [("<<", Operator.ShiftLeft), (">>", Operator.ShiftRight)],
        [("+", Operator.Add), ("-", Operator.Subtract)],
        [("*", Operator.Multiply), ("/", Operator.Divide), ("%", Operator.Remainder)],
    ];

    private static readonly Dictionary<char, Operator> s_prefixes = new() { ['!'] = Operator.Not, ['-'] = Operator.Negate, ['~'] = Operator.BitNot };

    private static readonly Dictionary<char, char> s_escapes = new() { ['n'] = '\n', ['t'] = '\t', ['"'] = '"', ['\\'] = '\\' };

    private readonly string _text;
    private int _at;
    private int _depth;
    private int _parts;

    private ExpressionParser(string text) => _text = text;

    /// <summary>Parses one expression.</summary>
    /// <exception cref="BpfException">The text is not an expression; the message says where.</exception>
    internal static Expression Parse(string text)
    {
        var parser = new ExpressionParser(text);
        Expression whole = parser.Binary(0);
        _ = parser.Peek();
        return parser._at == text.Length ? whole : throw parser.Unexpected("the end");
    }

    /// <summary>Says what is wrong at a place of an expression.</summary>
    internal static BpfException Fault(string text, int position, string what) => new($"Expression '{text}', character {Math.Min(position, text.Length) + 1}: {what}");

    private Expression Binary(int level)
    {
        if (level == s_levels.Length)
        {
            return Prefixed();
        }

        Expression left = Binary(level + 1);
        while (TakeOperator(level) is { } found)
        {
            Count();
            left = new BinaryExpression(found.Position, found.Operator, left, Binary(level + 1));
        }

        return left;
    }

    private (Operator Operator, int Position)? TakeOperator(int level)
    {
        _ = Peek();
        foreach ((string word, Operator one) in s_levels[level])
        {
            if (string.CompareOrdinal(_text, _at, word, 0, word.Length) == 0 && !BeginsLonger(word))
            {
                int position = _at;
                _at += word.Length;
                return (one, position);
            }
        }

        return null;
    }

    // "&" of "&&" and "-" of "->" are not operators of their own.
    private bool BeginsLonger(string word)
        => word.Length == 1 && _at + 1 < _text.Length && _text.Substring(_at, 2) is "||" or "&&" or "<<" or ">>" or "<=" or ">=" or "->";

    private Expression Prefixed()
    {
        if (++_depth > DeepestNesting)
        {
            throw Fault(_text, _at, "The expression is nested too deep.");
        }

        char next = Peek();
        Expression result;
        if (s_prefixes.TryGetValue(next, out Operator prefix))
        {
            int position = _at++;
            result = Prefixed() switch
            {
                NumberExpression number when prefix == Operator.Negate => new NumberExpression(position, -number.Value),
                { } operand => new UnaryExpression(position, prefix, operand),
            };
        }
        else
        {
            result = Selected(Primary());
        }

        _depth--;
        return result;
    }

    private Expression Selected(Expression target)
    {
        while (true)
        {
            char next = Peek();
            int position = _at;
            Count();
            if (next == '.' || (next == '-' && _at + 1 < _text.Length && _text[_at + 1] == '>'))
            {
                _at += next == '.' ? 1 : 2;
                target = new MemberExpression(position, target, Word() ?? throw Unexpected("the name of a member"));
            }
            else if (next == '[')
            {
                _at++;
                target = new IndexExpression(position, target, Binary(0));
                Expect(']');
            }
            else
            {
                return target;
            }
        }
    }

    private void Count()
    {
        if (++_parts > MostParts)
        {
            throw Fault(_text, _at, $"The expression has more than {MostParts} parts.");
        }
    }

    private Expression Primary()
    {
        char next = Peek();
        int position = _at;
        if (next == '(')
        {
            _at++;
            Expression inner = Binary(0);
            Expect(')');
            return inner;
        }

        if (next is '"' or '\'')
        {
            return new TextExpression(position, Quoted());
        }

        if (char.IsAsciiDigit(next))
        {
            return new NumberExpression(position, Number());
        }

        if (Word() is not { } name)
        {
            throw Unexpected("a name, a number, a string or '('");
        }

        if (Peek() != '(')
        {
            return new NameExpression(position, name);
        }

        _at++;
        Expression argument = Binary(0);
        Expect(')');
        return new CallExpression(position, name, argument);
    }

    private string? Word()
    {
        _ = Peek();
        int begin = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        if (_at > begin && !char.IsAsciiDigit(_text[begin]))
        {
            return _text[begin.._at];
        }

        _at = begin;
        return null;
    }

    // A number above 2^63 is the negative one of the same bits: the operators on 64 bits do not tell them apart, and comparisons with unsigned values do.
    private long Number()
    {
        int begin = _at;
        string digits = WordWithDigits();
        bool isHexadecimal = digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        return ulong.TryParse(isHexadecimal ? digits[2..] : digits, isHexadecimal ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out ulong value)
            ? unchecked((long)value)
            : throw Fault(_text, begin, $"'{digits}' is not a number of at most 64 bits.");
    }

    private string WordWithDigits()
    {
        int begin = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] == '_'))
        {
            _at++;
        }

        return _text[begin.._at];
    }

    private string Quoted()
    {
        char quote = _text[_at];
        int begin = _at++;
        var text = new StringBuilder();
        while (_at < _text.Length && _text[_at] != quote)
        {
            char letter = _text[_at++];
            if (letter == '\\' && _at < _text.Length)
            {
                letter = s_escapes.TryGetValue(_text[_at], out char meant) ? meant : _text[_at];
                _at++;
            }

            text.Append(letter);
        }

        if (_at == _text.Length)
        {
            throw Fault(_text, begin, $"The string has no end: a {quote} is missing.");
        }

        _at++;
        return text.ToString();
    }

    private void Expect(char wanted)
    {
        if (Peek() != wanted)
        {
            throw Unexpected($"'{wanted}'");
        }

        _at++;
    }

    // The next character that is not white space; NUL at the end.
    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at]))
        {
            _at++;
        }

        return _at < _text.Length ? _text[_at] : '\0';
    }

    private BpfException Unexpected(string wanted) => Fault(_text, _at, _at < _text.Length ? $"Expected {wanted}, not '{_text[_at]}'.{(_text[_at] == '=' ? " To compare, write ==." : "")}" : $"Expected {wanted}, but the expression ends.");
}
