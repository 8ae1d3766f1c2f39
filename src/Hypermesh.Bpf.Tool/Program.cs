using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Tool.Commands;

// The sandbox of "run" is this program again, which becomes clang.
return BpfSandbox.RunLauncher(args) ?? HmbpfCommand.Run(args);
