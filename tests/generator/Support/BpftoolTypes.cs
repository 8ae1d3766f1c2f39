using System.Diagnostics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>An object's types as bpftool tells them: an oracle that shares no code with ours.</summary>
internal sealed class BpftoolTypes
{
    private readonly JsonElement[] _types;

    private BpftoolTypes(JsonElement[] types) => _types = types;

    /// <summary>A type by its number; 0 and what lies outside is nothing.</summary>
    public JsonElement? this[int id] => id > 0 && id < _types.Length ? _types[id] : null;

    /// <summary>Runs <c>bpftool btf dump -j</c>.</summary>
    public static BpftoolTypes Of(string path)
    {
        using JsonDocument document = JsonDocument.Parse(Dump(path, "-j", "raw"));
        JsonElement[] listed = [.. document.RootElement.GetProperty("types").EnumerateArray().Select(type => type.Clone())];
        var types = new JsonElement[listed.Max(type => type.GetProperty("id").GetInt32()) + 1];
        foreach (JsonElement type in listed)
        {
            types[type.GetProperty("id").GetInt32()] = type;
        }

        return new BpftoolTypes(types);
    }

    /// <summary>The types as C, as bpftool writes them.</summary>
    public static string SourceOf(string path) => Dump(path, null, "c");

    public static string KindOf(JsonElement type) => type.GetProperty("kind").GetString()!;

    public static string NameOf(JsonElement type) => type.GetProperty("name").GetString() is { } name && name != "(anon)" ? name : "";

    /// <summary>The type behind typedefs and qualifiers; null for <c>void</c>.</summary>
    public JsonElement? Behind(int id)
    {
        JsonElement? type = this[id];
        while (type is { } modifier && KindOf(modifier) is "TYPEDEF" or "CONST" or "VOLATILE" or "RESTRICT" or "TYPE_TAG")
        {
            type = this[modifier.GetProperty("type_id").GetInt32()];
        }

        return type;
    }

    public long SizeOf(int id)
    {
        if (Behind(id) is not { } type)
        {
            return 0;
        }

        return KindOf(type) switch
        {
            "PTR" => 8,
            "ARRAY" => type.GetProperty("nr_elems").GetInt64() * SizeOf(type.GetProperty("type_id").GetInt32()),
            _ => type.TryGetProperty("size", out JsonElement size) ? size.GetInt64() : 0,
        };
    }

    private static string Dump(string path, string? option, string format)
    {
        string[] arguments = [.. option is null ? Array.Empty<string>() : [option], "btf", "dump", "file", path, "format", format];
        using Process bpftool = Process.Start(new ProcessStartInfo(Machine.PathOf("bpftool"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = bpftool.StandardError.ReadToEndAsync();
        string output = bpftool.StandardOutput.ReadToEnd();
        bpftool.WaitForExit();
        Assert.True(bpftool.ExitCode == 0, $"bpftool on {path}: {errors.Result}");
        return output;
    }
}
