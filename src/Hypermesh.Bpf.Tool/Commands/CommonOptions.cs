using System.CommandLine;
using System.CommandLine.Parsing;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary>Options and arguments several commands have.</summary>
internal static class CommonOptions
{
    /// <summary>On every command.</summary>
    internal static Option<bool> Json { get; } = new("--json") { Description = "Write the result as JSON.", Recursive = true };

    internal static Argument<string[]> Objects()
    {
        var files = new Argument<string[]>("FILE") { Description = "Compiled objects (clang -target bpf -g).", Arity = ArgumentArity.OneOrMore };
        files.Validators.Add(RefuseOptions);
        return files;
    }

    /// <summary>An argument that begins with a dash is a misspelt option. (A file of such a name is written ./-name.)</summary>
    internal static void RefuseOptions(ArgumentResult argument)
    {
        if (argument.Tokens.FirstOrDefault(static token => token.Value.StartsWith('-')) is { } option)
        {
            argument.AddError($"There is no option '{option.Value}'.");
        }
    }

    internal static Option<string> Btf(string description) => new("--btf") { Description = description, HelpName = "PATH" };
}
