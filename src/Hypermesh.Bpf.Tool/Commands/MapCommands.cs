using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Compilation.Values;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tool.Listing;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf map</c>: the maps in the kernel.</summary>
internal static class MapCommands
{
    private static readonly HashSet<BpfMapType> s_streams = [BpfMapType.RingBuf, BpfMapType.UserRingBuf, BpfMapType.PerfEventArray];

    internal static Command Create() => new("map", "Shows the maps in the kernel.") { CreateList(), CreateShow(), CreateDump() };

    private static ToolCommand CreateList()
        => new ToolCommand("list", "Lists all maps, by ID. Requires CAP_SYS_ADMIN.")
            .Example("hmbpf map list", "a line each")
            .Does(static (_, terminal) =>
            {
                var table = new TextTable("ID", "TYPE", "NAME", "KEY", "VALUE", "ENTRIES", "FLAGS", "BTF");
                var all = new JsonArray();
                foreach (BpfMapInfo info in BpfMapInfo.List())
                {
                    table.Add($"{info.Id}", $"{info.Type}", info.Name, $"{info.KeySize}", $"{info.ValueSize}", $"{info.MaxEntries}", $"0x{(uint)info.Flags:x}", $"{info.BtfId}");
                    all.Add((JsonNode)Facts(info));
                }

                table.Write(terminal);
                terminal.Result(new JsonObject { ["maps"] = all });
                return ExitCode.Success;
            });

    private static ToolCommand CreateShow()
    {
        Argument<string> target = Target.Argument("map");
        return new ToolCommand("show", "Shows the facts about one map.") { target }
            .Example("hmbpf map show 7", "by ID")
            .Example("hmbpf map show /sys/fs/bpf/events", "by pin")
            .Does((arguments, terminal) =>
            {
                using BpfMapHandle map = Target.Map(arguments.GetRequiredValue(target));
                JsonObject facts = Facts(map.GetInfo());
                Fields.Write(terminal, facts);
                terminal.Result(facts);
                return ExitCode.Success;
            });
    }

    private static ToolCommand CreateDump()
    {
        Argument<string> target = Target.Argument("map");
        return new ToolCommand("dump", "Shows the entries of a map, as values of their BTF types; without BTF as bytes in hexadecimal.") { target }
            .Example("hmbpf map dump counts", "by name")
            .Example("hmbpf map dump 7 --json", "as JSON")
            .Does((arguments, terminal, stop) =>
            {
                using BpfMapHandle map = Target.Map(arguments.GetRequiredValue(target));
                return Dump(map, terminal, stop);
            });
    }

    private static int Dump(BpfMapHandle map, Terminal terminal, CancellationToken stop)
    {
        BpfMapInfo info = map.GetInfo();
        BtfTypes? types = info.BtfId == 0 ? null : BpfBtfInfo.ReadTypes(info.BtfId);
        BtfValueReader? reader = types is null ? null : new BtfValueReader(types);
        var entries = new JsonArray();
        int failed = MapEntryReader.Visit(map, (keyBytes, valueBytes, errno) =>
        {
            JsonNode? key = Value(reader, info.KeyTypeId, keyBytes);
            JsonNode? value = errno != 0 ? null
                : MapEntryReader.IsPerCpu(info.Type) ? PerCpu(reader, info, valueBytes)
                : Value(reader, info.ValueTypeId, valueBytes.AsSpan(0, Math.Min(info.ValueSize, valueBytes.Length)));
            terminal.Line($"{BtfValueReader.Text(key)}: {(errno != 0 ? $"not readable ({Interop.Errno.Name(errno)})" : BtfValueReader.Text(value))}");
            if (terminal.Json)
            {
                entries.Add((JsonNode)new JsonObject { ["key"] = key, ["value"] = value, ["error"] = errno == 0 ? null : Interop.Errno.Name(errno) });
            }

            return !stop.IsCancellationRequested;
        });
        stop.ThrowIfCancellationRequested();
        if (failed != 0)
        {
            throw new BpfException($"Map {map.Name} ({map.Type}) has no entries that can be listed: {Interop.Errno.Name(failed)}.{(s_streams.Contains(map.Type) ? " It is a buffer of records, which a read removes: read it in the process that owns it (Consume, ReadAllAsync)." : "")}", null, map.Name);
        }

        terminal.Result(new JsonObject { ["id"] = info.Id, ["name"] = info.Name, ["entries"] = entries });
        return ExitCode.Success;
    }

    private static JsonArray PerCpu(BtfValueReader? reader, BpfMapInfo info, byte[] value)
    {
        var all = new JsonArray();
        for (int slot = 0; slot < PossibleCpus.Current.Count; slot++)
        {
            all.Add(Value(reader, info.ValueTypeId, MapEntryReader.OfCpu(value, slot, info.ValueSize)));
        }

        return all;
    }

    private static JsonNode? Value(BtfValueReader? reader, int typeId, ReadOnlySpan<byte> bytes)
        => reader is null || typeId == 0 ? "0x" + BtfValueReader.Hex(bytes) : reader.Read(typeId, bytes);

    private static JsonObject Facts(BpfMapInfo info) => new()
    {
        ["id"] = info.Id,
        ["type"] = info.Type.ToString(),
        ["name"] = info.Name,
        ["keySize"] = info.KeySize,
        ["valueSize"] = info.ValueSize,
        ["maxEntries"] = info.MaxEntries,
        ["flags"] = (uint)info.Flags,
        ["extra"] = info.Extra,
        ["btf"] = info.BtfId,
        ["keyType"] = info.KeyTypeId,
        ["valueType"] = info.ValueTypeId,
        ["kernelValueType"] = info.KernelValueTypeId,
    };
}
