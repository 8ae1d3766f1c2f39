using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Tool.Listing;
using Hypermesh.Bpf.Tool.Llvm;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf prog</c>: the programs in the kernel.</summary>
internal static class ProgramCommands
{
    internal static Command Create() => new("prog", "Shows the programs in the kernel.") { CreateList(), CreateShow(), CreateDump() };

    /// <summary>Writes the translated instructions of a program and returns them as JSON.</summary>
    internal static JsonArray Dump(BpfProgram program, Terminal terminal, LlvmDisassembler? llvm = null)
    {
        BpfInstruction[] code = program.ReadTranslated();
        return code.Length > 0
            ? List(code, program.ReadFunctions())
            : throw new BpfException($"The kernel hides the instructions of program {program.Name} from this process: it requires CAP_SYS_ADMIN, or CAP_BPF and CAP_PERFMON. Run hmbpf as root.", null, program.Name);

        JsonArray List(BpfInstruction[] code, IReadOnlyList<BpfFunctionEntry> functions)
            => new CodeListing(program.ReadLines(), functions, new LoadedCalls(code, functions, program.GetInfo().CompiledSize > 0), llvm).Write(terminal, code);
    }

    private static ToolCommand CreateList()
        => new ToolCommand("list", "Lists all programs, by ID. Requires CAP_SYS_ADMIN.")
            .Example("hmbpf prog list", "a line each")
            .Example("hmbpf prog list --json", "as JSON, with all facts")
            .Does(static (_, terminal) =>
            {
                var table = new TextTable("ID", "TYPE", "NAME", "TAG", "LOADED", "UID", "XLATED", "JITED", "RUNS", "RUN NS");
                var all = new JsonArray();
                foreach (BpfProgramInfo info in BpfProgramInfo.List())
                {
                    table.Add(
                        $"{info.Id}", $"{info.Type}", info.Name, info.Tag, ProgramFacts.LoadedAt(info).ToString("MM-dd HH:mm:ss", CultureInfo.InvariantCulture), $"{info.CreatedByUser}",
                        $"{info.TranslatedSize}", $"{info.CompiledSize}", $"{info.RunCount}", $"{info.RunTimeNs}");
                    all.Add((JsonNode)ProgramFacts.Of(info, MapsOf(info)));
                }

                table.Write(terminal);
                terminal.Result(new JsonObject { ["programs"] = all });
                return ExitCode.Success;
            });

    private static ToolCommand CreateShow()
    {
        Argument<string> target = Target.Argument("program");
        return new ToolCommand("show", "Shows the facts about one program.") { target }
            .Example("hmbpf prog show 12", "by ID")
            .Example("hmbpf prog show on_switch", "by name")
            .Example("hmbpf prog show /sys/fs/bpf/on_switch", "by pin")
            .Does((arguments, terminal) =>
            {
                using BpfOpenedProgram program = Target.Program(arguments.GetRequiredValue(target));
                JsonObject facts = ProgramFacts.Of(program.GetInfo(), program.ReadMapIds());
                Fields.Write(terminal, facts);
                terminal.Result(facts);
                return ExitCode.Success;
            });
    }

    private static ToolCommand CreateDump()
    {
        Argument<string> target = Target.Argument("program");
        return new ToolCommand("dump", "Shows the instructions of a program after verification, with their lines of C.") { target }
            .Example("hmbpf prog dump 12", "by ID")
            .Does((arguments, terminal) =>
            {
                using BpfOpenedProgram program = Target.Program(arguments.GetRequiredValue(target));
                terminal.Result(new JsonObject { ["id"] = program.Id, ["name"] = program.Name, ["instructions"] = Dump(program, terminal) });
                return ExitCode.Success;
            });
    }

    // A program that is unloaded between two calls has no maps to show.
    private static IReadOnlyList<uint> MapsOf(BpfProgramInfo info)
    {
        if (info.MapCount == 0)
        {
            return [];
        }

        try
        {
            using BpfOpenedProgram program = BpfOpenedProgram.OpenId(info.Id);
            return program.ReadMapIds();
        }
        catch (BpfSyscallException)
        {
            return [];
        }
    }
}
