using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Kernel.Tokens;

/// <summary>In a user namespace that was given a bpffs with everything delegated: load, attach and read with a token, and the refusal without.</summary>
public sealed class TokenTests : KernelTest
{
    private const int Unsupported = 77;

    // A process that is still there by then hangs; emulated, the tests' start alone takes half a minute.
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private const string InNamespace = "HYPERMESH_TEST_IN_USER_NAMESPACE";

    [Fact]
    [Row("lifecycle", "BPF token (user namespaces)")]
    public void In_a_user_namespace_a_token_permits_load_attach_and_read()
    {
        string folder = Directory.CreateTempSubdirectory("hypermesh-token-").FullName;
        try
        {
            string launcher = Path.Combine(folder, "userns");
            string source = Path.Combine(AppContext.BaseDirectory, "Tokens", "userns.c");
            (int compiled, string messages) = Start("gcc", ["-O1", "-o", launcher, source], folder);
            Assert.True(compiled == 0, messages);

            (int code, string output) = Start(
                launcher, [Environment.ProcessPath!, .. Arguments(), "--explicit", "only", "--filter-method", "*" + nameof(Within_the_namespace), "--results-directory", folder], folder);

            // Where tokens are known, a namespace that gets no bpffs is a failure.
            bool isKnown = Record.Exception(static () => BpfToken.Open()) is not BpfFeatureNotSupportedException;
            Assert.SkipWhen(code != 0 && !isKnown, $"this kernel delegates no BPF to user namespaces: {output}");
            Assert.True(code == 0, output);
            Assert.Contains("succeeded: 1", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact(Explicit = true)]
    public void Within_the_namespace()
    {
        Assert.True(Environment.GetEnvironmentVariable(InNamespace) is not null, "runs as the other test's child only");
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

    // dotnet is told which dll; an executable of its own knows.
    private static string[] Arguments()
        => Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Path.Combine(AppContext.BaseDirectory, "Hypermesh.Bpf.Tests.Kernel.dll")] : [];

    private static (int Code, string Output) Start(string program, string[] arguments, string folder)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        start.Environment[InNamespace] = "1";
        start.Environment.Remove(BpfToken.PathVariable);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        return (process.ExitCode, output.GetAwaiter().GetResult() + errors.GetAwaiter().GetResult());
    }
}
