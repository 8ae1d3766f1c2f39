using Hypermesh.Bpf.Tool.Commands;

return await HmbpfCommand.RunAsync(args).ConfigureAwait(false);
