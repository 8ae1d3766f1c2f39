using System.Globalization;
using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>The facts that are shown about a loaded program.</summary>
internal static class ProgramFacts
{
    internal static JsonObject Of(BpfProgramInfo info, IReadOnlyList<uint> maps) => new()
    {
        ["id"] = info.Id,
        ["type"] = info.Type.ToString(),
        ["name"] = info.Name,
        ["tag"] = info.Tag,
        ["loadedAt"] = LoadedAt(info).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        ["uid"] = info.CreatedByUser,
        ["gplCompatible"] = info.IsGplCompatible,
        ["translatedBytes"] = info.TranslatedSize,
        ["compiledBytes"] = info.CompiledSize,
        ["verifiedInstructions"] = info.VerifiedInstructions,
        ["maps"] = new JsonArray([.. maps.Select(static id => (JsonNode)id)]),
        ["btf"] = info.BtfId,
        ["attachBtf"] = info.AttachBtfObjectId,
        ["attachBtfType"] = info.AttachBtfId,
        ["runTimeNs"] = info.RunTimeNs,
        ["runCount"] = info.RunCount,
        ["recursionMisses"] = info.RecursionMisses,
    };

    // The load time and this file both count from boot, including sleep.
    internal static DateTimeOffset LoadedAt(BpfProgramInfo info)
    {
        string uptime = File.ReadAllText("/proc/uptime").Split(' ')[0];
        return DateTimeOffset.Now - TimeSpan.FromSeconds(double.Parse(uptime, CultureInfo.InvariantCulture)) + info.LoadTime;
    }
}
