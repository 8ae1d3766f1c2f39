using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.Bpf.Tests.Build.Comments.Reading;

/// <summary>Which constants are certainly in the machine's byte order: those that may have been turned round by hand are not.</summary>
public sealed class MachineOrderTests
{
    [Theory]
    // Protocols.
    [InlineData("0x0800", 2, true)]
    [InlineData("2048", 2, true)]
    [InlineData("0x0008", 2, false)]
    [InlineData("8", 2, false)]
    [InlineData("0xdd86", 2, false)]
    // Ports.
    [InlineData("80", 2, true)]
    [InlineData("0x50", 2, true)]
    [InlineData("20480", 2, false)]
    [InlineData("0x5000", 2, false)]
    [InlineData("8080u", 2, true)]
    [InlineData("0x1F90", 2, true)]
    [InlineData("0x901f", 2, false)]
    [InlineData("12345", 2, true)]
    // The bits of frag_off.
    [InlineData("0x4000", 2, false)]
    [InlineData("0x0040", 2, false)]
    // Addresses: 127.0.0.1, 10.0.0.1, the last word of ::1, the first of fe80::.
    [InlineData("0x7f000001", 4, true)]
    [InlineData("0x0100007f", 4, false)]
    [InlineData("167772161", 4, true)]
    [InlineData("16777226", 4, false)]
    [InlineData("1", 4, true)]
    [InlineData("0x1", 4, true)]
    [InlineData("0x01000000", 4, false)]
    [InlineData("0x80fe", 4, false)]
    [InlineData("0xfe800000", 4, false)]
    [InlineData("127", 4, false)]
    [InlineData("443", 4, true)]
    [InlineData("1", 8, true)]
    [InlineData("0x1000", 8, false)]
    // The same in both orders, and too large.
    [InlineData("0", 2, false)]
    [InlineData("0x0101", 2, false)]
    [InlineData("0xffffffff", 4, false)]
    [InlineData("0x10000", 2, false)]
    public void A_constant_is_in_machine_order_only_where_it_makes_more_sense_as_it_stands(string literal, int bytes, bool isCertain)
        => Assert.Equal(isCertain, MachineOrder.IsCertain(literal, MachineOrder.Value(literal)!.Value, bytes));

    [Theory]
    [InlineData("0755")]
    [InlineData("'a'")]
    [InlineData("0b1")]
    [InlineData("ETH_P_IP")]
    [InlineData("")]
    public void Other_text_is_not_a_number(string text) => Assert.Null(MachineOrder.Value(text));

    [Theory]
    [InlineData("ETH_P_IP", false)]
    [InlineData("BETA_PORT", false)]
    [InlineData("ETH_P_IP_BE", true)]
    [InlineData("net_port", true)]
    [InlineData("HTTP_HTONS", true)]
    public void A_name_may_say_that_the_value_is_swapped(string name, bool saysSo) => Assert.Equal(saysSo, MachineOrder.IsNamedNetwork(name));
}
