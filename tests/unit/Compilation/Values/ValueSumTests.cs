using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation.Values;

namespace Hypermesh.Bpf.Tests.Unit.Compilation.Values;

/// <summary>The values of several CPUs as one.</summary>
public sealed class ValueSumTests
{
    [Theory]
    [InlineData("""{"count":3,"slots":[1,2],"comm":"a"}""", """{"count":4,"slots":[5,6],"comm":"b"}""", """{"count":7,"slots":[6,8],"comm":"a"}""")]
    [InlineData("[]", "[]", "[]")]
    [InlineData("true", "false", "true")]
    public void Integers_are_added_wherever_they_are(string first, string second, string sum)
        => Assert.Equal(sum, ValueSum.Add(Values(first), Values(second))!.ToJsonString());

    [Fact]
    public void Signed_values_are_added_too() => Assert.Equal("-5", ValueSum.Add(JsonValue.Create(-7L), JsonValue.Create(2L))!.ToJsonString());

    // As the reader makes them: integers as ulong.
    private static JsonNode? Values(string json) => Copy(JsonNode.Parse(json));

    private static JsonNode? Copy(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.Select(static member => KeyValuePair.Create(member.Key, Copy(member.Value)))),
        JsonArray elements => new JsonArray([.. elements.Select(Copy)]),
        JsonValue number when number.GetValueKind() == System.Text.Json.JsonValueKind.Number => JsonValue.Create(number.GetValue<ulong>()),
        _ => node?.DeepClone(),
    };
}
