using System.CommandLine;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>Says which command or option is not there, and which was probably meant.</summary>
internal static class Misspelt
{
    private const int MostDistance = 2;

    /// <summary>What is wrong with the first word no command took; null where all were taken.</summary>
    internal static string? Explain(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command.Subcommands.Count == 0 || parsed.UnmatchedTokens is not [{ } word, ..])
        {
            return null;
        }

        if (word.StartsWith('-'))
        {
            return Option(word, command);
        }

        string[] here = [.. command.Subcommands.Select(static sub => sub.Name)];
        string[] elsewhere = [.. All(parsed.RootCommandResult.Command).Where(sub => sub.Name == word).Select(HmbpfCommand.CommandLine)];
        string meant = Nearest(word, here) is { } near ? $" Did you mean '{near}'?"
            : elsewhere.Length > 0 ? $" Did you mean {string.Join(" or ", elsewhere.Select(static line => $"'{line}'"))}?"
            : $" There are: {string.Join(", ", here)}.";
        return $"There is no command '{word}'.{meant}";
    }

    /// <summary>That there is no such option, and which there is.</summary>
    internal static string Option(string word, Command command)
    {
        string name = word.Split('=', ':')[0];
        IEnumerable<Option> options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options.Where(static option => option.Recursive)));
        return $"There is no option '{word}'." + (Nearest(name, [.. options.Select(static option => option.Name)]) is { } near ? $" Did you mean '{near}'?" : "");
    }

    /// <summary>The name that differs least; null where none is near.</summary>
    internal static string? Nearest(string word, IReadOnlyList<string> names)
        => names.Select(name => (Name: name, Distance: Distance(word, name)))
            .Where(found => found.Distance <= MostDistance && found.Distance < Math.Min(word.Length, found.Name.Length))
            .OrderBy(static found => found.Distance).Select(static found => found.Name).FirstOrDefault();

    // A word and its beginning (program, prog) are one apart; else what must be put in, taken away, replaced or exchanged.
    private static int Distance(string word, string name)
    {
        if (word == name)
        {
            return 0;
        }

        if (word.Length > 1 && (word.StartsWith(name, StringComparison.OrdinalIgnoreCase) || name.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
        {
            return 1;
        }

        int[,] cost = new int[word.Length + 1, name.Length + 1];
        for (int i = 0; i <= word.Length; i++)
        {
            for (int j = 0; j <= name.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }

                int differs = char.ToLowerInvariant(word[i - 1]) == char.ToLowerInvariant(name[j - 1]) ? 0 : 1;
                cost[i, j] = Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + differs);
                if (i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1])
                {
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
                }
            }
        }

        return cost[word.Length, name.Length];
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(static sub => All(sub).Prepend(sub));
}
