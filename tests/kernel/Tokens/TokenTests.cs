namespace Hypermesh.Bpf.Tests.Kernel.Tokens;

/// <summary>In a user namespace that was given a bpffs with everything delegated: load, attach and read with a token, and the refusal without.</summary>
public sealed class TokenTests : KernelTest
{
    [Fact]
    [Row("lifecycle", "BPF token (user namespaces)")]
    public void In_a_user_namespace_a_token_permits_load_attach_and_read()
    {
        string folder = Directory.CreateTempSubdirectory("hypermesh-token-").FullName;
        try
        {
            string launcher = Path.Combine(folder, "userns");
            string source = Path.Combine(AppContext.BaseDirectory, "Tokens", "userns.c");
            (int compiled, string messages) = OwnProcess.Start(["gcc", "-O1", "-o", launcher, source], folder);
            Assert.True(compiled == 0, messages);

            (int code, string output) = OwnProcess.Start(WithinTheNamespace, folder, [launcher]);

            // Where tokens are known, a namespace that gets no bpffs is a failure.
            Assert.SkipWhen(code != 0 && !KernelNames.HasConstant("bpf_cmd", "BPF_TOKEN_CREATE"), "this kernel delegates no BPF to user namespaces");
            Assert.True(code == 0, output);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void WithinTheNamespace()
    {
        using BpfToken token = BpfToken.Open();
        LoadAttachAndRead(new BpfLoadOptions { Token = token });

        // Who says nothing gets the one of /sys/fs/bpf.
        LoadAttachAndRead(new BpfLoadOptions());
        Environment.SetEnvironmentVariable(BpfToken.PathVariable, "");
        var refused = Assert.Throws<BpfPermissionException>(() => LoadAttachAndRead(new BpfLoadOptions()));
        Assert.Contains("token", refused.Message, StringComparison.Ordinal);
    }

    private static void LoadAttachAndRead(BpfLoadOptions options)
    {
        Privileged.Spec spec = Privileged.Open();
        spec.Programs.Raw.Enabled = true;
        using Privileged live = spec.Load(options);
        live.Attach();
        for (int i = 0; i < 100 && live.Maps.Counts[0] == 0; i++)
        {
            Thread.Sleep(1);
        }

        Assert.NotEqual(0ul, live.Maps.Counts[0]);
    }
}
