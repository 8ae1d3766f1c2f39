using System.CommandLine;
using System.CommandLine.Parsing;

namespace Hypermesh.Bpf.Tool.Arguments;

/// <summary>Options and arguments that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>The option that every command has.</summary>
    internal static Option<bool> Json { get; } = new("--json") { Description = "Write the result as JSON.", Recursive = true };

    /// <summary>Creates the option of commands that load.</summary>
    internal static Option<bool> Log() => new("--log") { Description = "Print the verifier's log of each rejected program on standard error." };

    internal static Argument<string[]> Objects()
    {
        var files = new Argument<string[]>("FILE") { Description = "Compiled objects (clang -target bpf -g).", Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(RefuseMistakes);
        return files;
    }

    /// <summary>
    /// Rejects an argument that begins with a dash, which is a misspelt option (write ./-name for such a file), and an empty one, which usually comes from an unset shell variable.
    /// </summary>
    internal static void RefuseMistakes(ArgumentResult argument)
    {
        foreach (string text in argument.Tokens.Select(static token => token.Value))
        {
            if (text.StartsWith('-'))
            {
                argument.AddError(argument.Parent is CommandResult of ? Misspelt.Option(text, of.Command) : $"There is no option '{text}'.");
            }
            else if (text.Length == 0)
            {
                argument.AddError($"{argument.Argument.Name} is empty. Is a variable of the shell not set?");
            }
        }
    }

    /// <summary>Rejects an empty value, which usually comes from an unset shell variable.</summary>
    internal static void RefuseEmpty(SymbolResult result)
    {
        if (result.Tokens.Any(static token => token.Value.Length == 0))
        {
            result.AddError($"{(result is OptionResult option ? option.Option.Name : ((ArgumentResult)result).Argument.Name)} is empty. Is a variable of the shell not set?");
        }
    }

    internal static Option<string> Btf(string description)
    {
        var path = new Option<string>("--btf") { Description = description, HelpName = "PATH" };
        path.Validators.Add(RefuseEmpty);
        return path;
    }

    /// <summary>A command as it is typed: <c>hmbpf map dump</c>.</summary>
    internal static string CommandLine(Command command)
        => command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{CommandLine(parent)} {command.Name}" : "hmbpf";
}
