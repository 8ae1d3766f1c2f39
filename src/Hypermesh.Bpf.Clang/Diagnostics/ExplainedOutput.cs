namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Prepares clang's output for the user: each diagnostic once, at the line of the user's C, with a remedy where one is known, and without misleading notes.</summary>
internal static class ExplainedOutput
{
    /// <summary>Reads clang's output.</summary>
    /// <param name="output">Its standard error.</param>
    /// <param name="lineOf">Returns the line of C that a diagnostic is about; empty where that cannot be read.</param>
    /// <param name="source">The C file that was compiled.</param>
    /// <param name="searched">Returns the folders in which headers are searched; called only where one is missing.</param>
    public static IEnumerable<ClangDiagnostic> Read(string output, Func<ClangDiagnostic, string> lineOf, string source, Func<IEnumerable<string>> searched)
    {
        DeclaringHeader headers = new(source, searched);
        bool omitsNotes = false;
        bool saidStack = false;
        IReadOnlyList<ClangDiagnostic> all = ClangOutput.Read(output);
        bool definesTwice = DefinedTwice.IsIn(all);
        foreach (ClangDiagnostic diagnostic in all.Select(read => MissingTypes.AtInclude(CLibrary.AtInclude(definesTwice ? DefinedTwice.AtInclude(read) : read))).Distinct())
        {
            if (diagnostic.Kind == ClangDiagnosticKind.Note)
            {
                if (!omitsNotes && !CLibrary.IsMisleading(diagnostic))
                {
                    yield return diagnostic;
                }

                continue;
            }

            bool isRepeated = KnownSentence.IsRepeated(diagnostic);
            omitsNotes = isRepeated || KnownSentence.IsComplete(diagnostic);
            if (!isRepeated || !saidStack)
            {
                // A macro that the installed headers have, and that is only not included, before what is said of older ones.
                string? macro = diagnostic.Text.StartsWith("expected ", StringComparison.Ordinal) ? headers.OfLine(lineOf(diagnostic)) : null;
                string text = macro is not null ? KnownSentence.WithRemedy(diagnostic.Text, macro) : MissingHeader.Explain(KnownSentence.Explain(diagnostic, () => lineOf(diagnostic)), searched);
                yield return diagnostic with { Text = text == diagnostic.Text ? UnknownName.Explain(text, headers, () => lineOf(diagnostic)) : text };
            }

            saidStack |= isRepeated;
        }
    }
}
