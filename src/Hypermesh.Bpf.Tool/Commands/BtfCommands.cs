using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Btf.CSource;
using Hypermesh.Bpf.Objects.StaticLinking;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Values;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf btf</c>: types.</summary>
internal static class BtfCommands
{
    internal static Command Create() => new("btf", "Shows BTF types: of this kernel, of objects, of loaded BTF.") { CreateList(), CreateDump() };

    private static ToolCommand CreateList()
        => new ToolCommand("list", "Lists the BTF in the kernel: its own, that of modules, that of loaded objects. Requires CAP_SYS_ADMIN.")
            .Example("hmbpf btf list", "a line each")
            .Does(static (_, terminal) =>
            {
                var table = new TextTable("ID", "NAME", "BYTES", "OF");
                var all = new JsonArray();
                foreach (BpfBtfInfo info in BpfBtfInfo.List())
                {
                    table.Add($"{info.Id}", info.Name.Length > 0 ? info.Name : "-", $"{info.Size}", info.IsKernel ? "kernel" : "object");
                    all.Add((JsonNode)new JsonObject { ["id"] = info.Id, ["name"] = info.Name, ["bytes"] = info.Size, ["kernel"] = info.IsKernel });
                }

                table.Write(terminal);
                terminal.Result(new JsonObject { ["btf"] = all });
                return ExitCode.Success;
            });

    private static ToolCommand CreateDump()
    {
        var file = new Argument<string[]>("FILE")
        {
            Description = "BTF as in /sys/kernel/btf, or an ELF file with a section .BTF: an object, a vmlinux, a module. Without it, this kernel's types. With several files, their types are merged, and a type that differs gets the suffix ___2.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        file.Validators.Add(CommonOptions.RefuseMistakes);
        var format = new Option<string>("--format") { Description = "c: a header that compiles; json.", HelpName = "c|json", DefaultValueFactory = static _ => "c" };
        format.AcceptOnlyFromAmong("c", "json");
        var type = new Option<string?>("--type") { Description = "Only the types with this name, and in C the types they need.", HelpName = "NAME" };
        var sources = new Option<string[]>("--for") { Description = "A header with only the types that these C files name, and the types those need.", HelpName = "C_FILE", AllowMultipleArgumentsPerToken = true };
        return new ToolCommand("dump", "Writes types as C or as JSON.") { file, format, type, sources }
            .Example("hmbpf btf dump > vmlinux.h", "this kernel's types, to include")
            .Example("hmbpf btf dump --type task_struct", "one type, with the types it needs")
            .Example("hmbpf btf dump --for exec.bpf.c > vmlinux.h", "only the types that one program names")
            .Example("hmbpf btf dump 6.12.btf 5.10.btf > vmlinux.h", "the types of two kernels; struct x___2 is that of the second where it differs")
            .Example("hmbpf btf dump exec.bpf.o --format json", "an object's")
            .Does((arguments, terminal, stop) =>
            {
                string[] paths = arguments.GetValue(file) ?? [];
                using KernelBtf? running = paths.Length == 0 ? KernelBtf.Borrow() : null;
                BtfTypes types = running?.Types ?? KernelTypeMerger.ReadAll(paths, ObjectFile.ReadTypes);
                IReadOnlyList<int>? wanted = arguments.GetValue(type) is { } name ? Find(types, name) : null;
                bool json = terminal.Json || arguments.GetValue(format) == "json";
                if (arguments.GetValue(sources) is { Length: > 0 } named)
                {
                    return json || wanted is not null ? throw new BpfException("--for writes a C header and cannot be combined with --type or JSON.", types.Source, null) : WriteHeader(types, named);
                }

                Dump(types, wanted, json, stop);
                return ExitCode.Success;
            });
    }

    private static int WriteHeader(BtfTypes types, string[] sources)
    {
        using var text = new StreamWriter(new BufferedStream(new StandardOutput(), 1 << 16), new UTF8Encoding(false)) { NewLine = "\n" };
        new BtfCWriter(types, text).WriteHeader(sources.SelectMany(static path => CIdentifiers.In(Encoding.UTF8.GetString(ObjectFile.ReadBytes(path)))).ToHashSet(StringComparer.Ordinal));
        return ExitCode.Success;
    }

    private static List<int> Find(BtfTypes types, string name)
    {
        List<int> found = [];
        byte[] utf8 = Encoding.UTF8.GetBytes(name);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id].NameBytes.SequenceEqual(utf8))
            {
                found.Add(id);
            }
        }

        return found.Count > 0 ? found : throw new BpfException(
            $"{types.Source} has no type with the name {name}."
                + (name.Contains(' ', StringComparison.Ordinal) ? $" --type takes the name without struct, union or enum: {name[(name.LastIndexOf(' ') + 1)..]}"
                : Misspelt.Nearest(name, NamesIn(types)) is { } near ? $" Did you mean {near}?" : ""), types.Source, name);
    }

    private static string[] NamesIn(BtfTypes types)
        => [.. Enumerable.Range(types.FirstId, types.Count - types.FirstId).Select(id => types[id]).Where(static type => type.Kind is not (BtfKind.Function or BtfKind.Variable or BtfKind.DataSection))
            .Select(static type => type.Name).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal)];

    // A kernel has hundreds of thousands of lines of types, so each type is written at once, without a tree of all of them.
    private static void Dump(BtfTypes types, IReadOnlyList<int>? wanted, bool json, CancellationToken stop)
    {
        using Stream output = new BufferedStream(new StandardOutput(), 1 << 16);
        if (json)
        {
            using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
            writer.WriteStartObject();
            writer.WriteStartArray("types");
            foreach (int id in wanted ?? [.. Enumerable.Range(types.FirstId, types.Count - types.FirstId)])
            {
                stop.ThrowIfCancellationRequested();
                BtfTypeJson.Write(writer, types, types[id]);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
            return;
        }

        using var text = new StreamWriter(output, new UTF8Encoding(false)) { NewLine = "\n" };
        var c = new BtfCWriter(types, text);
        if (wanted is null)
        {
            c.WriteHeader();
        }

        foreach (int id in wanted ?? [])
        {
            c.Write(id);
        }
    }
}
