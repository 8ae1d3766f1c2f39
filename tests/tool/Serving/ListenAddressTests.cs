using System.Net;
using Hypermesh.Bpf.Tool.Serving;

namespace Hypermesh.Bpf.Tests.Tool.Serving;

public sealed class ListenAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:19435", "127.0.0.1:19435")]
    [InlineData("localhost:0", "127.0.0.1:0")]
    [InlineData("[::1]:80", "[::1]:80")]
    [InlineData("0.0.0.0:65535", "0.0.0.0:65535")]
    public void An_address_has_a_port(string text, string expected)
    {
        Assert.True(ListenAddress.TryParse(text, out IPEndPoint? address));
        Assert.Equal(expected, address!.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1")]
    [InlineData(":80")]
    [InlineData("127.0.0.1:")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("::1:80")]
    [InlineData("[127.0.0.1]:80")]
    [InlineData("host:80")]
    [InlineData("http://127.0.0.1:80")]
    public void Anything_else_is_no_address(string text) => Assert.False(ListenAddress.TryParse(text, out _));
}
