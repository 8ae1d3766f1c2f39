namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>How a program ended and what it printed.</summary>
internal sealed record ProcessResult(int ExitCode, string Output, string Error);
