namespace Hypermesh.Bpf;

/// <summary>
/// The report a kernel from 7.3 on writes behind its log: which rule was broken, why, by which way the program came there, and what to do. Read from the
/// texts that kernel's source makes; no such kernel has been seen live by these tests.
/// </summary>
/// <param name="Problem">The rule and how it was broken, as in "Register Type Safety: Unreadable register".</param>
/// <param name="Explanation">Why the verifier refuses, in sentences; empty when the report has none.</param>
/// <param name="CausalPath">The branches and assignments that led there, lines as the kernel wrote them; empty when it kept none.</param>
/// <param name="Suggestion">What may help, in sentences; empty when the report has none.</param>
/// <param name="InstructionIndex">The instruction it is about, null when the report does not say.</param>
/// <param name="SourceFile">The C file, null without line information.</param>
/// <param name="SourceLine">The C line, from 1; null without line information.</param>
public sealed record VerifierReport(
    string Problem, string Explanation, string CausalPath, string Suggestion, int? InstructionIndex, string? SourceFile, int? SourceLine);
