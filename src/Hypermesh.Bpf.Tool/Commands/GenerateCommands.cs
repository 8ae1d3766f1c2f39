using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf gen</c>: files made of compiled objects, under the name bpftool has for it.</summary>
internal static class GenerateCommands
{
    internal static Command Create() => new("gen", "Makes files of compiled objects.") { CreateObject() };

    private static ToolCommand CreateObject()
    {
        var output = new Argument<string>("OUT") { Description = "The linked object. A file that exists is overwritten only with --force, and not before all has been linked." };
        output.Validators.Add(CommonOptions.RefuseMistakes);
        Argument<string[]> files = CommonOptions.Objects();
        var force = new Option<bool>("--force") { Description = "Overwrite OUT if it exists." };
        return new ToolCommand("object", "Makes one object of several, as `bpftool gen object` does: sections of one name behind each other, what one declares extern taken from the one that defines it, "
            + "equal types once, no DWARF. One alone loses its DWARF. No kernel is asked.")
        {
            output,
            files,
            force,
        }
            .Example("hmbpf gen object app.bpf.o main.bpf.o maps.bpf.o", "two objects made one")
            .Example("hmbpf gen object --force app.bpf.o main.bpf.o maps.bpf.o", "the same again, over the earlier result")
            .Does((arguments, terminal, _) => Link(arguments.GetRequiredValue(output), arguments.GetRequiredValue(files), arguments.GetValue(force), terminal));
    }

    private static int Link(string output, string[] paths, bool force, Terminal terminal)
    {
        if (!force && HasContents(output))
        {
            throw new BpfException(
                $"{output} exists and would be overwritten: the first argument is the result, the objects come after it (hmbpf gen object OUT {string.Join(' ', paths.Prepend(output).Distinct())}). "
                    + "--force overwrites it.", output, null);
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

    // An empty file is one that mktemp made; a device or a pipe has no length.
    private static bool HasContents(string path) => new FileInfo(path) is { Exists: true, Length: > 0 };
}
