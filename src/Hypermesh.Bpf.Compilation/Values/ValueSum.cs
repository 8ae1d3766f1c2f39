using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Compilation.Values;

/// <summary>Adds up values of one type: integers, within structs and arrays too. Of anything else the first is kept.</summary>
internal static class ValueSum
{
    internal static JsonNode? Add(JsonNode? first, JsonNode? second)
    {
        switch (first, second)
        {
            case (JsonObject one, JsonObject other):
                foreach ((string name, JsonNode? value) in one.ToArray())
                {
                    if (Add(value, other[name]) is var sum && !ReferenceEquals(sum, value))
                    {
                        one[name] = sum;
                    }
                }

                return one;
            case (JsonArray one, JsonArray other):
                for (int i = 0; i < one.Count && i < other.Count; i++)
                {
                    if (Add(one[i], other[i]) is var sum && !ReferenceEquals(sum, one[i]))
                    {
                        one[i] = sum;
                    }
                }

                return one;
            case (JsonValue one, JsonValue other) when one.TryGetValue(out ulong left) && other.TryGetValue(out ulong right):
                return JsonValue.Create(unchecked(left + right));
            case (JsonValue one, JsonValue other) when one.TryGetValue(out long left) && other.TryGetValue(out long right):
                return JsonValue.Create(unchecked(left + right));
            default:
                return first;
        }
    }
}
