using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Tool.Listing;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf link</c>: what is attached where.</summary>
internal static class LinkCommands
{
    internal static Command Create() => new("link", "What is attached where, as far as it is attached by link.") { CreateList(), CreateShow(), CreateDump() };

    private static ToolCommand CreateList()
        => new ToolCommand("list", "All of them, by number. Takes CAP_SYS_ADMIN.")
            .Example("hmbpf link list", "a line each")
            .Does(static (_, terminal, _) =>
            {
                Dictionary<uint, string> programs = BpfProgramInfo.List().ToDictionary(static info => info.Id, static info => info.Name);
                var table = new TextTable("ID", "TYPE", "PROGRAM", "NAME", "TARGET");
                var all = new JsonArray();
                foreach (BpfLinkInfo info in BpfLinkInfo.List())
                {
                    string name = programs.GetValueOrDefault(info.ProgramId, "");
                    table.Add($"{info.Id}", $"{info.Type}", $"{info.ProgramId}", name, info.Target);
                    all.Add((JsonNode)Facts(info, name));
                }

                table.Write(terminal);
                terminal.Result(new JsonObject { ["links"] = all });
                return ExitCode.Success;
            });

    private static ToolCommand CreateShow()
    {
        Argument<string> target = Target.Argument("link");
        return new ToolCommand("show", "What the kernel says about one; its name is its program's.") { target }
            .Example("hmbpf link show 3", "by number")
            .Does((arguments, terminal, _) =>
            {
                BpfLinkInfo info = Find(arguments.GetRequiredValue(target));
                JsonObject facts = Facts(info, NameOf(info.ProgramId));
                if (!terminal.Json)
                {
                    Fields.Write(terminal, facts);
                }

                terminal.Result(facts);
                return ExitCode.Success;
            });
    }

    private static ToolCommand CreateDump()
    {
        Argument<string> target = Target.Argument("link");
        return new ToolCommand("dump", "A link, and its program's instructions.") { target }
            .Example("hmbpf link dump 3", "by number")
            .Does((arguments, terminal, _) =>
            {
                BpfLinkInfo info = Find(arguments.GetRequiredValue(target));
                JsonObject facts = Facts(info, NameOf(info.ProgramId));
                if (!terminal.Json)
                {
                    Fields.Write(terminal, facts);
                    terminal.Line();
                }

                using BpfOpenedProgram program = BpfOpenedProgram.FromId(info.ProgramId);
                facts["instructions"] = ProgramCommands.Dump(program, terminal);
                terminal.Result(facts);
                return ExitCode.Success;
            });
    }

    private static BpfLinkInfo Find(string text) => Target.Open(text, BpfLinkInfo.FromId, OfProgram, Pinned);

    private static BpfLinkInfo OfProgram(string name)
    {
        BpfLinkInfo[] found = [.. BpfLinkInfo.List().Where(info => NameOf(info.ProgramId) == name)];
        return found switch
        {
            [BpfLinkInfo info] => info,
            [] => throw new BpfException($"There is no link of a program of the name {name}.", null, name),
            _ => throw new BpfException(
                $"Program {name} has {found.Length} links; say which by number: {string.Join(", ", found.Select(static info => info.Id.ToString(CultureInfo.InvariantCulture)))}.", null, name),
        };
    }

    private static BpfLinkInfo Pinned(string path)
    {
        using Interop.BpfHandle handle = Interop.ObjectPins.Open(Interop.LinuxKernel.Instance, path, Interop.ObjectKind.Link);
        return LinkInfoReader.Read(handle);
    }

    private static string NameOf(uint programId)
    {
        if (programId == 0)
        {
            return "";
        }

        using BpfOpenedProgram program = BpfOpenedProgram.FromId(programId);
        return program.Name;
    }

    private static JsonObject Facts(BpfLinkInfo info, string program) => new()
    {
        ["id"] = info.Id,
        ["type"] = info.Type.ToString(),
        ["program"] = info.ProgramId,
        ["name"] = program,
        ["target"] = info.Target,
    };
}
