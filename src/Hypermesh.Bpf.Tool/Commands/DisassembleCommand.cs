using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Listing;
using Hypermesh.Bpf.Tool.Llvm;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf disasm</c>: instructions as text.</summary>
internal static class DisassembleCommand
{
    internal static Command Create()
    {
        var target = new Argument<string>("FILE|TARGET") { Description = "A compiled object; or a loaded program: its ID, its name, or the path of its pin." };
        target.Validators.Add(CommonOptions.RefuseMistakes);
        var withLlvm = new Option<bool>("--llvm") { Description = "Also show LLVM's notation, from the system's libLLVM." };
        return new ToolCommand("disasm", "Shows instructions in the verifier's notation, with their lines of C: of an object in a file, before relocation, or of a loaded program.") { target, withLlvm }
            .Example("hmbpf disasm exec.bpf.o", "an object")
            .Example("hmbpf disasm exec.bpf.o --llvm", "an object, also in LLVM's notation")
            .Example("hmbpf disasm 12", "a loaded program, by ID")
            .Example("hmbpf disasm on_switch", "by name")
            .Does((arguments, terminal) =>
            {
                string text = arguments.GetRequiredValue(target);
                using LlvmDisassembler? llvm = arguments.GetValue(withLlvm) ? new LlvmDisassembler() : null;
                if (IsOfTheKernel(text))
                {
                    using BpfOpenedProgram program = Open(text);
                    terminal.Result(new JsonObject { ["id"] = program.Id, ["name"] = program.Name, ["instructions"] = ProgramCommands.Dump(program, terminal, llvm) });
                    return ExitCode.Success;
                }

                BpfObjectSpec spec = ObjectFile.Read(text);
                JsonArray sections = ObjectCode.Write(terminal, spec, llvm);
                terminal.Result(new JsonObject { ["object"] = Path.GetFileName(text), ["sections"] = sections });
                return ExitCode.Success;
            });
    }

    // A file with that name comes first. Reading a pin fails with EIO.
    private static bool IsOfTheKernel(string text)
        => File.Exists(text) ? new DriveInfo(Path.GetFullPath(text)).DriveFormat.StartsWith("bpf", StringComparison.Ordinal) : !text.Contains('/', StringComparison.Ordinal) && !Directory.Exists(text);

    private static BpfOpenedProgram Open(string text)
    {
        try
        {
            return Target.Program(text);
        }
        catch (BpfException reason) when (reason is not BpfSyscallException && !text.All(char.IsAsciiDigit))
        {
            throw new BpfException($"There is no file {text}. {reason.Message}", text, null, reason);
        }
    }
}
