using System.CommandLine;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Tool.Arguments;

/// <summary>Reports an unknown command or option, and which one was probably meant.</summary>
internal static class Misspelt
{
    private const int MostDistance = 2;

    /// <summary>Explains the first word that no command accepted; null when all were accepted.</summary>
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

        if (command.Parents.FirstOrDefault() is null && BpftoolWords.Instead(word) is { } instead)
        {
            return $"There is no command '{word}'. {instead}";
        }

        if (BpftoolWords.Instead(command.Name, word) is { } other)
        {
            return $"There is no command '{command.Name} {word}'. {other}";
        }

        string[] here = [.. command.Subcommands.Select(static sub => sub.Name)];
        string[] elsewhere = [.. All(parsed.RootCommandResult.Command).Where(sub => sub.Name == word).Select(CommonOptions.CommandLine)];
        string meant = elsewhere.Length > 0 ? $" Did you mean {string.Join(" or ", elsewhere.Select(static line => $"'{line}'"))}?"
            : Nearest(word, here) is { } near ? $" Did you mean '{near}'?"
            : $" There are: {string.Join(", ", here)}.";
        return $"There is no command '{word}'.{meant}";
    }

    /// <summary>Reports an unknown option, and the closest one.</summary>
    internal static string Option(string word, Command command)
    {
        string name = word.Split('=', ':')[0];
        IEnumerable<Option> options = command.Options.Concat(command.Parents.OfType<Command>().SelectMany(static parent => parent.Options.Where(static option => option.Recursive)));
        return $"There is no option '{word}'." + (Nearest(name, [.. options.Select(static option => option.Name)]) is { } near ? $" Did you mean '{near}'?" : "");
    }

    /// <summary>The closest name; null when none is close.</summary>
    internal static string? Nearest(string word, IReadOnlyList<string> names)
        => names.Select(name => (Name: name, Distance: IsAbbreviation(word, name) ? 1 : EditDistance.Between(word.ToLowerInvariant(), name.ToLowerInvariant())))
            .Where(found => found.Distance <= MostDistance && found.Distance < Math.Min(word.Length, found.Name.Length))
            .OrderBy(static found => found.Distance).Select(static found => found.Name).FirstOrDefault();

    private static bool IsAbbreviation(string word, string name)
        => word.Length > 1 && word != name && (word.StartsWith(name, StringComparison.OrdinalIgnoreCase) || name.StartsWith(word, StringComparison.OrdinalIgnoreCase));

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(static sub => All(sub).Prepend(sub));
}
