using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.KernelObjects.Links;
using Hypermesh.Bpf.Tool.Listing;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf link</c>: links and their targets.</summary>
internal static class LinkCommands
{
    internal static Command Create() => new("link", "Shows what is attached by link, and where.") { CreateList(), CreateShow(), CreateDump() };

    private static ToolCommand CreateList()
        => new ToolCommand("list", "Lists all links, by ID. Requires CAP_SYS_ADMIN.")
            .Example("hmbpf link list", "a line each")
            .Does(static (_, terminal) =>
            {
                Dictionary<uint, string> programs = ProgramNames();
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
        => OfOne("show", "Shows the facts about one link; its name is that of its program.", static (_, _, _) => { });

    private static ToolCommand CreateDump()
        => OfOne("dump", "Shows a link and the instructions of its program.", static (info, facts, terminal) =>
        {
            if (info.ProgramId == 0)
            {
                throw new BpfException($"Link {info.Id} ({info.Type}) belongs to a map, not to a program: 'hmbpf link show {info.Id}' shows the map.");
            }

            terminal.Line();
            using BpfOpenedProgram program = BpfOpenedProgram.OpenId(info.ProgramId);
            facts["instructions"] = ProgramCommands.Dump(program, terminal);
        });

    private static ToolCommand OfOne(string name, string description, Action<BpfLinkInfo, JsonObject, Terminal> more)
    {
        Argument<string> target = Target.Argument("link");
        return new ToolCommand(name, description) { target }
            .Example($"hmbpf link {name} 3", "by ID")
            .Does((arguments, terminal) =>
            {
                BpfLinkInfo info = Find(arguments.GetRequiredValue(target));
                JsonObject facts = Facts(info, NameOf(info.ProgramId));
                Fields.Write(terminal, facts);
                more(info, facts, terminal);
                terminal.Result(facts);
                return ExitCode.Success;
            });
    }

    private static BpfLinkInfo Find(string text) => Target.Open(text, BpfLinkInfo.FromId, OfProgram, Pinned);

    private static BpfLinkInfo OfProgram(string name)
    {
        Dictionary<uint, string> programs = ProgramNames();
        IEnumerable<uint> links = BpfLinkInfo.List()
            .Where(info => programs.TryGetValue(info.ProgramId, out string? kept) && KernelText.IsName(kept, name)).Select(static info => info.Id);
        return BpfLinkInfo.FromId(OneOf.Name("link of a program", name, links));
    }

    private static BpfLinkInfo Pinned(string path)
    {
        using Interop.BpfHandle handle = KernelObjects.Pins.ObjectPins.Open(Interop.LinuxKernel.Instance, path, KernelObjects.ObjectKind.Link);
        return LinkInfoReader.Read(handle);
    }

    private static Dictionary<uint, string> ProgramNames() => BpfProgramInfo.List().ToDictionary(static info => info.Id, static info => info.Name);

    private static string NameOf(uint programId)
    {
        if (programId == 0)
        {
            return "";
        }

        using BpfOpenedProgram program = BpfOpenedProgram.OpenId(programId);
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
