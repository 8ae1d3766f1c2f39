using System.CommandLine;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tool.Arguments;

/// <summary>The names of monitors as arguments.</summary>
internal static class MonitorArguments
{
    internal static Argument<string[]> Names()
    {
        var names = new Argument<string[]>("MONITOR") { Description = $"The monitors: {string.Join(", ", MonitorSet.KnownNames)}; all when none is named.", Arity = ArgumentArity.ZeroOrMore };
        names.Validators.Add(CommonOptions.RefuseMistakes);
        names.CompletionSources.Add([.. MonitorSet.KnownNames]);
        names.Validators.Add(static result =>
        {
            foreach (string name in result.Tokens.Select(static token => token.Value))
            {
                if (!name.StartsWith('-') && !MonitorSet.KnownNames.Contains(name, StringComparer.Ordinal))
                {
                    result.AddError($"There is no monitor '{name}'; there are: {string.Join(", ", MonitorSet.KnownNames)}.");
                }
            }
        });
        return names;
    }

    /// <summary>Creates the option that limits a command's time.</summary>
    internal static Option<int?> Seconds(string description)
    {
        var seconds = new Option<int?>("--seconds") { Description = description, HelpName = "N" };
        seconds.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => !int.TryParse(token.Value, out int value) || value < 1))
            {
                result.AddError("--seconds takes a whole number from 1 on.");
            }
        });
        return seconds;
    }

    /// <summary>Creates the option of screens without block characters.</summary>
    internal static Option<bool> Ascii() => new("--ascii") { Description = "Draw with ASCII characters only." };

    internal static IReadOnlyList<string>? Read(ParseResult arguments, Argument<string[]> names) => arguments.GetValue(names) is { Length: > 0 } given ? given : null;
}
