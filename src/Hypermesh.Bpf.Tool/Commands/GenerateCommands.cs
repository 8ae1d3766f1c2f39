using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.StaticLinking;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf gen</c>: generates files from compiled objects, with bpftool's name.</summary>
internal static class GenerateCommands
{
    internal static Command Create() => new("gen", "Generates files from compiled objects.") { CreateObject() };

    private static ToolCommand CreateObject()
    {
        var output = new Argument<string>("OUT") { Description = "The linked object. An existing file is overwritten only with --force, and only after everything is linked." };
        output.Validators.Add(CommonOptions.RefuseMistakes);
        Argument<string[]> files = CommonOptions.Objects();
        var force = new Option<bool>("--force") { Description = "Overwrite OUT if it exists." };
        return new ToolCommand("object", "Links several objects into one, as `bpftool gen object` does: sections with the same name are joined, extern names of one object are resolved to the definition in another, "
            + "equal types are merged, and DWARF is removed, also from a single object. No kernel is needed.")
        {
            output,
            files,
            force,
        }
            .Example("hmbpf gen object app.bpf.o main.bpf.o maps.bpf.o", "two objects linked into one")
            .Example("hmbpf gen object --force app.bpf.o main.bpf.o maps.bpf.o", "the same again, overwriting the result")
            .Does((arguments, terminal, _) => Link(arguments.GetRequiredValue(output), arguments.GetRequiredValue(files), arguments.GetValue(force), terminal));
    }

    private static int Link(string output, string[] paths, bool force, Terminal terminal)
    {
        if (!force && HasContents(output))
        {
            throw new BpfException(
                $"{output} exists: the first argument is the result, the objects follow it (hmbpf gen object OUT {string.Join(' ', paths.Prepend(output).Distinct())}). "
                    + "Write --force to overwrite it.", output, null);
        }

        byte[] linked = BpfLinker.Link([.. paths.Select(static path => ((ReadOnlyMemory<byte>)ObjectFile.ReadBytes(path), path))], output);
        ObjectFile.Write(output, linked);
        string[] open = [.. ElfObject.Read(linked, output).Symbols.Skip(1).Where(static symbol => symbol.SectionIndex == 0).Select(static symbol => symbol.Name)];
        terminal.Line($"{output}: {linked.Length} bytes of {paths.Length} object{(paths.Length == 1 ? "" : "s")}{(open.Length > 0 ? $"; still extern: {string.Join(", ", open)}" : "")}");
        terminal.Result(new JsonObject
        {
            ["object"] = output,
            ["bytes"] = linked.Length,
            ["linked"] = new JsonArray([.. paths.Select(static path => (JsonNode)path)]),
            ["externs"] = new JsonArray([.. open.Select(static name => (JsonNode)name)]),
        });
        return ExitCode.Success;
    }

    // An empty file may come from mktemp, and a device or a pipe has no length: both are overwritten.
    private static bool HasContents(string path) => new FileInfo(path) is { Exists: true, Length: > 0 };
}
