using Hypermesh.Bpf.Interop;

namespace Hypermesh.Bpf.Tests.Unit.Tokens;

public sealed class TokenTests
{
    private readonly ScriptedKernel _kernel = new() { Files = { [BpfToken.DefaultPath] = [] } };

    [Fact]
    public void Outside_of_user_namespaces_no_token_is_searched_for()
    {
        Assert.Null(BpfToken.OpenImplicit(_kernel));
        Assert.DoesNotContain("BPF_TOKEN_CREATE", _kernel.Calls);
    }

    [Fact]
    public void In_a_user_namespace_the_default_BPF_file_system_gives_a_token_or_none()
    {
        EnterNamespace();
        using (BpfToken token = Assert.IsType<BpfToken>(BpfToken.OpenImplicit(_kernel)))
        {
            Assert.Equal(BpfToken.DefaultPath, token.Path);
            Assert.Single(_kernel.OpenDescriptors);
        }

        _kernel.Answer(BpfCommand.TokenCreate, -Errno.ENOENT);
        Assert.Null(BpfToken.OpenImplicit(_kernel));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(-Errno.EOPNOTSUPP, typeof(BpfPermissionException), "initial user namespace")]
    [InlineData(-Errno.ENOENT, typeof(BpfPermissionException), "delegate_cmds")]
    [InlineData(-Errno.EPERM, typeof(BpfPermissionException), "CAP_BPF")]
    [InlineData(-Errno.EINVAL, typeof(BpfFeatureNotSupportedException), "6.9")]
    [InlineData(-Errno.ENOMEM, typeof(BpfSyscallException), "ENOMEM")]
    public void An_error_says_what_to_do(long result, Type expected, string says)
    {
        _kernel.Answer(BpfCommand.TokenCreate, result);
        Exception error = Assert.Throws(expected, () => BpfToken.Open(_kernel, BpfToken.DefaultPath));
        Assert.Contains(says, error.Message, StringComparison.Ordinal);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_missing_path_is_named()
        => Assert.Contains("/no/such", Assert.Throws<BpfSyscallException>(() => BpfToken.Open(_kernel, "/no/such")).Message, StringComparison.Ordinal);

    private void EnterNamespace() => _kernel.Files["/proc/self/uid_map"] = "         0       1000          1\n"u8.ToArray();
}
