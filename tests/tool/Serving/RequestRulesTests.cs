using Hypermesh.Bpf.Tool.Serving;
using Microsoft.AspNetCore.Http;

namespace Hypermesh.Bpf.Tests.Tool.Serving;

public sealed class RequestRulesTests : IDisposable
{
    private const string Secret = "0123456789abcdef0123";

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("GET", "localhost:19435", null, null, null)]
    [InlineData("GET", "127.0.0.1:19435", "same-origin", null, null)]
    [InlineData("GET", "[::1]:80", "none", "http://[::1]:80", null)]
    [InlineData("POST", "localhost", null, null, 405)]
    [InlineData("HEAD", "localhost", null, null, 405)]
    [InlineData("OPTIONS", "localhost", null, null, 405)]
    [InlineData("GET", "evil.example", null, null, 400)]
    [InlineData("GET", "", null, null, 400)]
    [InlineData("GET", "localhost.evil.example", null, null, 400)]
    [InlineData("GET", "192.0.2.1:19435", null, null, 400)]
    [InlineData("GET", "localhost", "cross-site", null, 403)]
    [InlineData("GET", "localhost", "same-site", null, 403)]
    [InlineData("GET", "localhost", null, "http://evil.example", 403)]
    [InlineData("GET", "localhost", null, "null", 403)]
    [InlineData("GET", "localhost:1", null, "http://localhost:2", 403)]
    public void Only_this_machine_is_answered(string method, string host, string? site, string? origin, int? status)
        => Assert.Equal(status, RequestRules.Refusal(Request(method, host, site, origin, authorization: null), token: null)?.Status);

    [Theory]
    [InlineData(null, 401)]
    [InlineData("Bearer wrong", 401)]
    [InlineData("Bearer " + Secret + "x", 401)]
    [InlineData("Basic " + Secret, 401)]
    [InlineData(Secret, 401)]
    [InlineData("Bearer " + Secret, null)]
    [InlineData("bearer  " + Secret, null)]
    public void With_a_token_any_host_is_answered_that_has_it(string? authorization, int? status)
    {
        File.WriteAllText(_file, Secret + "\n");
        File.SetUnixFileMode(_file, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        Assert.Equal(status, RequestRules.Refusal(Request("GET", "metrics.example:9436", null, null, authorization), AccessToken.Read(_file))?.Status);
    }

    [Theory]
    [InlineData("short", UnixFileMode.UserRead, "not 16 or more characters")]
    [InlineData("", UnixFileMode.UserRead, "not 16 or more characters")]
    [InlineData("with a blank in it, and long", UnixFileMode.UserRead, "not 16 or more characters")]
    [InlineData(Secret, UnixFileMode.UserRead | UnixFileMode.OtherRead, "chmod 600")]
    public void A_token_that_protects_nothing_is_refused(string content, UnixFileMode mode, string expected)
    {
        File.WriteAllText(_file, content);
        File.SetUnixFileMode(_file, mode);

        Assert.Contains(expected, Assert.Throws<BpfException>(() => AccessToken.Read(_file)).Message, StringComparison.Ordinal);
    }

    private static HttpRequest Request(string method, string host, string? site, string? origin, string? authorization)
    {
        HttpRequest request = new DefaultHttpContext().Request;
        (request.Method, request.Scheme, request.Host) = (method, "http", new HostString(host));
        foreach ((string name, string? value) in new[] { ("Sec-Fetch-Site", site), ("Origin", origin), ("Authorization", authorization) })
        {
            if (value is not null)
            {
                request.Headers[name] = value;
            }
        }

        return request;
    }
}
