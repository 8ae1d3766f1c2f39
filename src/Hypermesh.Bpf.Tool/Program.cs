using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Tool.Commands;

// The sandbox of "run" is this program again, which becomes clang.
if (BpfSandbox.RunLauncher(args) is { } sandboxed)
{
    return sandboxed;
}

return await HmbpfCommand.RunAsync(args).ConfigureAwait(false);
