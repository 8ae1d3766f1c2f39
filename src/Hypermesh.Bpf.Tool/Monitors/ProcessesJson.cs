using System.Text.Json;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>The busiest processes as JSON: a list of objects with <c>pid</c>, <c>name</c>, <c>cpuShare</c> and <c>residentBytes</c>.</summary>
internal static class ProcessesJson
{
    internal static void Write(Utf8JsonWriter writer, IEnumerable<ProcessUse> processes)
    {
        writer.WriteStartArray();
        foreach (ProcessUse process in processes)
        {
            writer.WriteStartObject();
            writer.WriteNumber("pid", process.Id);
            writer.WriteString("name", process.Name);
            writer.WriteNumber("cpuShare", Math.Round(process.CpuShare, 4));
            writer.WriteNumber("residentBytes", process.ResidentBytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static ProcessesSnapshot Read(JsonElement list) => new([.. list.EnumerateArray().Select(static process => new ProcessUse(
        process.GetProperty("pid").GetInt32(), process.GetProperty("name").GetString()!, process.GetProperty("cpuShare").GetDouble(), process.GetProperty("residentBytes").GetUInt64()))]);
}
