using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Tool.Llvm;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>Writes instructions as text, with functions and C lines where they begin, and on request LLVM's notation beside this tool's.</summary>
internal sealed class CodeListing(IReadOnlyList<BpfSourceLine> lines, IReadOnlyList<BpfFunctionEntry> functions, BpfInstructionNames? names = null, LlvmDisassembler? llvm = null)
{
    private const int OursWide = 56;

    private readonly Dictionary<int, BpfSourceLine> _lines = First(lines, static line => line.Index);
    private readonly Dictionary<int, BpfFunctionEntry> _functions = First(functions, static function => function.Index);

    /// <summary>Writes the text and returns the same as JSON.</summary>
    internal JsonArray Write(Terminal terminal, ReadOnlySpan<BpfInstruction> code)
    {
        var all = new JsonArray();
        foreach (BpfDisassembledInstruction instruction in new BpfDisassembler(names).Disassemble(code))
        {
            var entry = new JsonObject { ["index"] = instruction.Index };
            if (_functions.TryGetValue(instruction.Index, out BpfFunctionEntry function))
            {
                terminal.Line(new Painted(Colour.Bold, function.Name + ":"));
                entry["function"] = function.Name;
            }

            if (_lines.TryGetValue(instruction.Index, out BpfSourceLine line))
            {
                terminal.Line(new Painted(Colour.Dim, $"; {line.Text} @ {Path.GetFileName(line.File)}:{line.Line}"));
                entry["file"] = line.File;
                entry["line"] = line.Line;
                entry["column"] = line.Column;
                entry["source"] = line.Text;
            }

            entry["code"] = instruction.OpCode;
            entry["text"] = instruction.Text;
            if (llvm is null)
            {
                terminal.Line(instruction.ToString());
            }
            else
            {
                string? text = llvm.Text(MemoryMarshal.AsBytes(code[instruction.Index..]));
                entry["llvm"] = text;
                terminal.Line($"{instruction.ToString().PadRight(OursWide)} | {text ?? "not known to LLVM"}");
            }

            all.Add((JsonNode)entry);
        }

        return all;
    }

    private static Dictionary<int, T> First<T>(IReadOnlyList<T> all, Func<T, int> index)
        => all.GroupBy(index).ToDictionary(static group => group.Key, static group => group.First());
}
