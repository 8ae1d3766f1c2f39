using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Handover;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Listing;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Running;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf pin</c>: what agents have left in the BPF file system.</summary>
internal static class PinCommands
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(5);

    internal static Command Create() => new("pin", "Shows, replaces and removes what agents have left in the BPF file system for their successors.") { CreateList(), CreateAdopt(), CreateClean() };

    /// <summary>The option of <c>run</c>.</summary>
    internal static Option<string?> Option() => new("--pin")
    {
        Description = "Leave the object in this folder of the BPF file system when the command ends: its programs go on, and the next 'hmbpf run' with this folder takes their place, loses no event and continues all maps. 'hmbpf pin clean FOLDER' ends it.",
        HelpName = "FOLDER",
    };

    /// <summary>The folder of an option; null for none.</summary>
    internal static BpfHandover? Folder(string? path) => path is null ? null : new BpfHandover(path) { Wait = s_wait };

    private static ToolCommand CreateList()
    {
        var folder = new Argument<string?>("FOLDER") { HelpName = "FOLDER", Description = "The folder of an agent, or one that contains such; /sys/fs/bpf unless given.", Arity = ArgumentArity.ZeroOrOne };
        return new ToolCommand("list", "Lists what agents have left, a line for each folder; of one folder, each pin. Requires permission to read the folder, and CAP_BPF.") { folder }
            .Example("sudo hmbpf pin list", "a line for each agent")
            .Example("sudo hmbpf pin list /sys/fs/bpf/my-agent", "each pin of one")
            .Does((arguments, terminal, _) =>
            {
                string path = arguments.GetValue(folder) ?? ObjectPins.DefaultRoot;
                if (!Directory.Exists(path))
                {
                    terminal.Complain($"there is no folder {path}.");
                    return ExitCode.Failure;
                }

                if (Look(path) is { Manifest: { } manifest } one)
                {
                    ShowPins(terminal, path, manifest, one.Names);
                    return ExitCode.Success;
                }

                var table = new TextTable("FOLDER", "OBJECT", "GENERATION", "PINS", "LEFT BY");
                var all = new JsonArray();
                foreach (string found in Folders(path))
                {
                    try
                    {
                        if (Look(found) is { Manifest: { } each })
                        {
                            table.Add(found, each.Object, $"{each.Generation}", $"{each.Pins.Count}", OwnerOf(each));
                            all.Add((JsonNode)Facts(found, each));
                        }
                    }
                    catch (BpfException unreadable)
                    {
                        table.Add(found, "", "", "", "its manifest cannot be read");
                        all.Add((JsonNode)new JsonObject { ["folder"] = found, ["error"] = unreadable.Message });
                    }
                }

                table.Write(terminal);
                terminal.Result(new JsonObject { ["folders"] = all });
                return ExitCode.Success;
            });
    }

    private static ToolCommand CreateAdopt()
    {
        var folder = new Argument<string>("FOLDER") { HelpName = "FOLDER", Description = "The folder of the agent." };
        var file = new Argument<string>("FILE") { HelpName = "FILE", Description = "A C file (.c), or a compiled object, of the same name as the one that runs." };
        return new ToolCommand("adopt", "Replaces the programs that an agent has left by those of a file, without losing an event, and leaves them there. Requires what loading and attaching them does.") { folder, file }
            .Example("sudo hmbpf pin adopt /sys/fs/bpf/my-agent my-agent.bpf.o", "the next version of the agent's programs")
            .Does((arguments, terminal, stop) =>
            {
                string path = arguments.GetRequiredValue(folder);
                if (!File.Exists(Path.Combine(path, "manifest")))
                {
                    terminal.Complain($"no agent has left anything in {path}: 'hmbpf pin list' lists the folders.");
                    return ExitCode.Failure;
                }

                BpfObjectSpec spec = RunSource.Open(arguments.GetRequiredValue(file), isTrusted: false, terminal, stop);
                using BpfObject live = BpfObject.Load(spec, new BpfLoadOptions { Handover = Folder(path) });
                live.Attach();
                RunReload.Tell(live.Adopted, terminal);
                terminal.Result(new JsonObject { ["attached"] = live.Links.Count, ["adopted"] = live.Adopted is not null });
                return ExitCode.Success;
            });
    }

    private static ToolCommand CreateClean()
    {
        var folder = new Argument<string>("FOLDER") { HelpName = "FOLDER", Description = "The folder of the agent, or of 'hmbpf serve --pin'." };
        var force = new Option<bool>("--force") { Description = "Remove all pins of the folder, also those that its manifest does not name, or without a manifest that can be read." };
        return new ToolCommand("clean", "Detaches what an agent has left, and removes its folder. It is refused while an agent runs. Requires permission to write to the folder.") { folder, force }
            .Example("sudo hmbpf pin clean /sys/fs/bpf/my-agent", "ends the programs that it has left")
            .Does((arguments, terminal, _) =>
            {
                string path = arguments.GetRequiredValue(folder);
                if (!Directory.Exists(path))
                {
                    terminal.Complain($"there is no folder {path}.");
                    return ExitCode.Failure;
                }

                // The totals are last: while they are there, the folder is known as that of a set.
                int removed = 0;
                IEnumerable<string> folders = KeptTotals.IsOfSet(path) ? Folders(path).OrderBy(KeptTotals.IsTotalsFolder) : [path];
                foreach (string one in folders)
                {
                    removed += new BpfHandover(one).Remove(arguments.GetValue(force));
                }

                RemoveEmpty(path);
                if (removed == 0)
                {
                    string[] below = Directory.Exists(path) ? [.. Folders(path)] : [];
                    terminal.Complain($"no agent has left anything in {path}{(below.Length == 0 ? "" : $"; there is {string.Join(", ", below.Take(3))}")}.");
                    return ExitCode.Failure;
                }

                terminal.Line($"{removed} pins of {path} removed");
                terminal.Result(new JsonObject { ["removed"] = removed });
                return ExitCode.Success;
            });
    }

    // What a set's folders were in.
    private static void RemoveEmpty(string path)
    {
        foreach (string folder in new[] { Path.Combine(path, KeptTotals.FolderOfOthers), path }.Where(static one => Directory.Exists(one) && !Directory.EnumerateFileSystemEntries(one).Any()))
        {
            Directory.Delete(folder);
        }
    }

    private static void ShowPins(Terminal terminal, string path, HandoverManifest manifest, IReadOnlyList<string> names)
    {
        terminal.Line($"{manifest.Object}, generation {manifest.Generation}, left by {OwnerOf(manifest)}{(manifest.IsComplete ? "" : ", not loaded as a whole")}");
        var table = new TextTable("PIN", "KIND", "NAME", "ID", "STATE");
        JsonObject facts = Facts(path, manifest);
        var pins = new JsonArray();
        foreach (HandoverPin pin in manifest.Pins.OrderBy(static pin => pin.Kind).ThenBy(static pin => pin.Name, StringComparer.Ordinal))
        {
            string state = names.Contains(pin.Pin) ? $"{pin.State}".ToLowerInvariant() : "missing";
            table.Add(pin.Pin, $"{pin.Kind}".ToLowerInvariant(), pin.Name, $"{pin.Id}", state);
            pins.Add((JsonNode)new JsonObject { ["pin"] = pin.Pin, ["kind"] = $"{pin.Kind}".ToLowerInvariant(), ["name"] = pin.Name, ["id"] = pin.Id, ["state"] = state, ["target"] = pin.Target });
        }

        foreach (string other in names.Except(manifest.Pins.Select(static pin => pin.Pin), StringComparer.Ordinal))
        {
            table.Add(other, "", "", "", "not in the manifest");
            pins.Add((JsonNode)new JsonObject { ["pin"] = other, ["state"] = "unknown" });
        }

        table.Write(terminal);
        facts["pins"] = pins;
        terminal.Result(facts);
    }

    private static JsonObject Facts(string path, HandoverManifest manifest) => new()
    {
        ["folder"] = path,
        ["object"] = manifest.Object,
        ["generation"] = manifest.Generation,
        ["complete"] = manifest.IsComplete,
        ["process"] = manifest.Owner.Process,
        ["process_name"] = manifest.Owner.Name,
        ["sdk"] = manifest.Owner.Sdk,
    };

    private static string OwnerOf(HandoverManifest manifest)
        => $"process {manifest.Owner.Process} ({manifest.Owner.Name}){(Directory.Exists($"/proc/{manifest.Owner.Process}") ? "" : ", which has ended")}";

    private static IEnumerable<string> Folders(string path)
        => new[] { path }.Concat(Directory.EnumerateDirectories(path, "*", new EnumerationOptions { RecurseSubdirectories = true })).Where(static one => File.Exists(Path.Combine(one, "manifest"))).Order(StringComparer.Ordinal);

    private static (HandoverManifest? Manifest, IReadOnlyList<string> Names)? Look(string path)
    {
        if (!File.Exists(Path.Combine(path, "manifest")))
        {
            return null;
        }

        using HandoverFolder folder = HandoverFolder.Look(LinuxKernel.Instance, path);
        return (folder.Read(), folder.Names());
    }
}
