using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>What <c>run</c> is given: a C file, an object, or the name of a template.</summary>
internal static class RunSource
{
    /// <summary>Opens it, compiled where it is C.</summary>
    /// <exception cref="BpfException">There is no such file or template, or the C has errors.</exception>
    internal static BpfObjectSpec Open(string what, bool isTrusted, Terminal terminal, CancellationToken stop)
    {
        if (what.EndsWith(".c", StringComparison.Ordinal))
        {
            return Compile(what, isTrusted, terminal, stop);
        }

        if (BpfTemplate.Find(what) is { } template)
        {
            return template.ReadSpec();
        }

        if (!Path.Exists(what) && what.AsSpan().IndexOfAny('/', '.') < 0)
        {
            string[] names = [.. BpfTemplate.All.Select(static one => one.Name)];
            throw new BpfException($"There is no template '{what}'.{(Misspelt.Nearest(what, names) is { } near ? $" Did you mean {near}?" : $" There are: {string.Join(", ", names)}.")} A C file ends with .c.");
        }

        return ObjectFile.Read(what);
    }

    private static BpfObjectSpec Compile(string path, bool isTrusted, Terminal terminal, CancellationToken stop)
    {
        terminal.Progress($"compiling {path}");
        BpfCompiledObject compiled = new BpfCompiler(new BpfCompilerOptions { IsTrusted = isTrusted }).Compile(BpfSource.FromFile(path), stop);
        Report(compiled.Diagnostics, terminal);
        return compiled.ReadSpec();
    }

    /// <summary>Writes errors and warnings with their places, a line each.</summary>
    internal static void Report(IReadOnlyList<BpfDiagnostic> diagnostics, Terminal terminal)
    {
        foreach (BpfDiagnostic one in diagnostics)
        {
            terminal.Complain(one.ToString());
        }
    }
}
