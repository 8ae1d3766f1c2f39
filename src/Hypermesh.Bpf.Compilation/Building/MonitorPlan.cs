using Hypermesh.Bpf.Compilation.Expressions;
using Hypermesh.Bpf.Compilation.Hooks;

namespace Hypermesh.Bpf.Compilation.Building;

/// <summary>A monitor before it is built: hooks, condition, keys, and what is made of each call.</summary>
internal sealed record MonitorPlan
{
    /// <summary>The hooks at which something is counted.</summary>
    internal required IReadOnlyList<Hook> Hooks { get; init; }

    /// <summary>The hooks from which time is measured; empty without.</summary>
    internal IReadOnlyList<Hook> Starts { get; init; } = [];

    /// <summary>The expressions whose values are equal at a start and its end.</summary>
    internal IReadOnlyList<MatchedValue> Matching { get; init; } = [];

    /// <summary>The condition; null for none.</summary>
    internal string? Where { get; init; }

    /// <summary>The keys.</summary>
    internal IReadOnlyList<string> Keys { get; init; } = [];

    internal required Aggregation Aggregation { get; init; }
}

/// <summary>A value that is equal at a start and its end.</summary>
/// <param name="Start">The expression at the start.</param>
/// <param name="End">The expression at the end.</param>
internal sealed record MatchedValue(string Start, string End)
{
    private const string Compares = "=!<>";

    /// <summary>Reads <c>EXPR</c>, which is the same at both, or <c>START=END</c>.</summary>
    internal static MatchedValue Read(string text)
    {
        for (int i = 1; i < text.Length - 1; i++)
        {
            if (text[i] == '=' && !Compares.Contains(text[i - 1], StringComparison.Ordinal) && text[i + 1] != '=')
            {
                return new MatchedValue(text[..i].Trim(), text[(i + 1)..].Trim());
            }
        }

        return new MatchedValue(text, text);
    }
}

/// <summary>What a monitor makes of a hook's calls.</summary>
internal abstract record Aggregation
{
    internal sealed record Count : Aggregation;

    internal sealed record Sum(string Expression) : Aggregation;

    internal sealed record Histogram(string Expression) : Aggregation;

    /// <summary>Slots of one width, one for what is below and one for what is not below the end.</summary>
    internal sealed record LinearHistogram(string Expression, BpfLinearRange Range) : Aggregation;

    internal sealed record Trace(IReadOnlyList<string> Expressions) : Aggregation;
}

/// <summary>Values as the members of a struct: of a key, or of an event.</summary>
internal sealed class ValueLayout
{
    private ValueLayout(IReadOnlyList<(string Expression, string Name, ValueShape Shape, int Offset)> members, int size)
    {
        Members = members;
        Size = size;
    }

    internal IReadOnlyList<(string Expression, string Name, ValueShape Shape, int Offset)> Members { get; }

    /// <summary>The size, in whole words.</summary>
    internal int Size { get; }

    /// <summary>Lays out the values of expressions, whose names are made of their text.</summary>
    internal static ValueLayout Of(IReadOnlyList<string> expressions, Func<string, ValueShape> shapeOf)
    {
        var members = new List<(string, string, ValueShape, int)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        int end = 0;
        foreach (string expression in expressions.Distinct(StringComparer.Ordinal))
        {
            ValueShape shape = shapeOf(expression);
            int alignment = shape.IsText ? sizeof(ulong) : shape.Size;
            end = RoundUp(end, alignment);
            members.Add((expression, NameOf(expression, names), shape, end));
            end += shape.Size;
        }

        return new ValueLayout(members, RoundUp(Math.Max(end, sizeof(ulong)), sizeof(ulong)));
    }

    /// <summary>The same members with the values of other expressions.</summary>
    internal ValueLayout With(Func<string, string> other) => new([.. Members.Select(member => (other(member.Expression), member.Name, member.Shape, member.Offset))], Size);

    private static int RoundUp(int value, int to) => (value + to - 1) / to * to;

    // The kernel takes C's names only: prev->comm becomes prev_comm.
    private static string NameOf(string expression, HashSet<string> taken)
    {
        const int LongestName = 40;
        string[] words = new string([.. expression.Select(static one => char.IsAsciiLetterOrDigit(one) || one == '_' ? one : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string name = string.Join('_', words);
        name = name.Length == 0 || char.IsAsciiDigit(name[0]) ? "_" + name : name;
        name = name.Length > LongestName ? name[..LongestName] : name;
        string unique = name;
        for (int i = 2; !taken.Add(unique); i++)
        {
            unique = $"{name}_{i}";
        }

        return unique;
    }
}
