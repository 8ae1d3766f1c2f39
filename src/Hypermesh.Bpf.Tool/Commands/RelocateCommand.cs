using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf relocate</c>: the instructions after relocation for a kernel.</summary>
internal static class RelocateCommand
{
    internal static Command Create()
    {
        Argument<string[]> files = CommonOptions.Objects();
        Option<string> btf = CommonOptions.Btf("The kernel's types: a copy of /sys/kernel/btf/vmlinux, or an ELF file with a section .BTF. Without it, this machine's types.");
        return new ToolCommand("relocate", "Relocates each program with a kernel's types and appends its functions, as for loading: OBJECT PROGRAM INSTRUCTIONS HEX. "
            + "Values that only a load decides are zero: the first immediate of references to maps, kernel symbols and functions, and the targets of calls. No kernel is needed.")
        {
            files,
            btf,
        }
            .Example("hmbpf relocate exec.bpf.o --btf vmlinux-6.1.btf", "with another kernel's types")
            .Example("hmbpf relocate exec.bpf.o", "with this kernel's types")
            .Does((arguments, terminal, stop) => Run(arguments.GetRequiredValue(files), arguments.GetValue(btf), terminal, stop));
    }

    private static int Run(string[] paths, string? btf, Terminal terminal, CancellationToken stop)
    {
        using KernelBtf? running = btf is null ? KernelBtf.Borrow() : null;
        BtfTypes types = running?.Types ?? ObjectFile.ReadTypes(btf!);
        var results = new JsonArray();
        bool failed = false;
        foreach (string path in paths)
        {
            stop.ThrowIfCancellationRequested();
            string file = Path.GetFileName(path);
            try
            {
                BpfObjectSpec spec = ObjectFile.Read(path);
                var linker = new ProgramLinker(spec, [types]);
                foreach (BpfProgramSpec program in spec.Programs)
                {
                    failed |= !Relocate(linker, program, file, terminal, results);
                }
            }
            catch (BpfException reason)
            {
                terminal.Complain(reason.Message);
                failed = true;
            }
        }

        terminal.Result(new JsonObject { ["programs"] = results });
        return failed ? ExitCode.Failure : ExitCode.Success;
    }

    // A program that cannot be relocated is reported; the others are still written.
    private static bool Relocate(ProgramLinker linker, BpfProgramSpec program, string file, Terminal terminal, JsonArray results)
    {
        try
        {
            LinkedProgram linked = linker.Link(program);
            string hex = RelocatedText.Of(linked.Instructions);
            terminal.Line($"{file} {program.Name} {linked.Instructions.Length} {hex}");
            if (terminal.Json)
            {
                results.Add((JsonNode)new JsonObject { ["object"] = file, ["program"] = program.Name, ["instructions"] = linked.Instructions.Length, ["hex"] = hex });
            }

            return true;
        }
        catch (BpfException reason)
        {
            terminal.Complain($"{file} {program.Name}: {reason.Message}");
            return false;
        }
    }
}
