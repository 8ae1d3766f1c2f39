using System.Security.Cryptography;
using System.Text;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>The token of <c>--token-file</c>, which a request sends as <c>Authorization: Bearer TOKEN</c>.</summary>
internal sealed class AccessToken
{
    private const string Scheme = "Bearer ";
    private const int Shortest = 16;

    private readonly byte[] _token;

    private AccessToken(byte[] token) => _token = token;

    /// <summary>Reads a token.</summary>
    /// <exception cref="BpfException">The file cannot be read, others may read it, or the token is too short to be one.</exception>
    internal static AccessToken Read(string path)
    {
        try
        {
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != 0)
            {
                throw new BpfException($"The token in {path} can be read by every user of this machine. Change that with: chmod 600 {path}");
            }

            string token = File.ReadAllText(path).Trim();
            return token.Length >= Shortest && token.All(static c => c is > ' ' and < '\x7f')
                ? new AccessToken(Encoding.ASCII.GetBytes(token))
                : throw new BpfException($"The token in {path} is not {Shortest} or more characters of ASCII without blanks. Make one with: head -c 32 /dev/urandom | base64 > {path}");
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"The token cannot be read from {path}: {reason.Message}", reason);
        }
    }

    /// <summary>Compares in a time that does not depend on where the two differ.</summary>
    internal bool Fits(string? authorization)
        => authorization is not null && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(authorization[Scheme.Length..].Trim()), _token);
}
