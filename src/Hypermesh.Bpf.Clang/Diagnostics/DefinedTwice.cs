namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Moves the errors that are caused by including both <c>vmlinux.h</c> and headers of the kernel to the line of the C that includes them.</summary>
internal static class DefinedTwice
{
    private const string Vmlinux = "vmlinux.h";
    private const string Why = "vmlinux.h already has the kernel's types";
    private const string Constants = "Write constants, which vmlinux.h does not have, with #define.";

    /// <summary>Returns true when an output has a type that vmlinux.h and another header define.</summary>
    public static bool IsIn(IReadOnlyList<ClangDiagnostic> output)
        => output.Any(static one => one.Kind == ClangDiagnosticKind.Error && IsRedefinition(one))
            && output.Any(static one => one.Kind == ClangDiagnosticKind.Error ? IsRedefinition(one) && IsVmlinux(one) : one.Text == "previous definition is here" && IsVmlinux(one));

    /// <summary>Returns the diagnostic at the line of the C, where it is about such a type.</summary>
    public static ClangDiagnostic AtInclude(ClangDiagnostic diagnostic)
    {
        if (diagnostic.Kind != ClangDiagnosticKind.Error || diagnostic.IncludedFrom.Count == 0 || !IsRedefinition(diagnostic))
        {
            return diagnostic;
        }

        (string file, int line) = diagnostic.IncludedFrom[0];
        string text = IsVmlinux(diagnostic)
            ? $"{Why}: remove the #include <linux/…> lines. {Constants}"
            : $"This header cannot be included beside vmlinux.h: {Why}. Remove the #include. {Constants}";
        return diagnostic with { File = file, Line = line, Column = 1, Text = text };
    }

    private static bool IsRedefinition(ClangDiagnostic diagnostic) => diagnostic.Text.Contains("redefinition ");

    private static bool IsVmlinux(ClangDiagnostic diagnostic) => diagnostic.File is { } file && Path.GetFileName(file) == Vmlinux;
}
