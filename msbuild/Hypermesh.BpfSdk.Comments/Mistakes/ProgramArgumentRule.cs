using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>
/// Finds programs whose BPF_PROG names other arguments than their tracepoint passes. The tracepoint's are those of vmlinux.h, and those of the kernels that <see cref="TracepointTable"/>
/// knows: a program that fits one of them is not reported.
/// </summary>
internal static class ProgramArgumentRule
{
    // BPF_PROG puts the body of a program into a function of this name.
    private const string Body = "____";
    private const string TypePrefix = "btf_trace_";

    private static readonly string[] s_sections = ["tp_btf", "raw_tp", "raw_tracepoint", "raw_tp.w", "raw_tracepoint.w"];

    public static void Read(List<CXCursor> declarations, List<CXCursor> functions, SourceText text, MistakeList found)
    {
        var programs = new List<(CXCursor Body, string Name, string Section, string Tracepoint)>();
        foreach (CXCursor function in functions.Where(static function => clang.isCursorDefinition(function) != 0))
        {
            if (Cursors.Spelling(function) is var body && body.StartsWith(Body, StringComparison.Ordinal) && body[Body.Length..] is var name
                && SectionOf(functions.FindAll(one => Cursors.Spelling(one) == name), text) is { } section
                && section.Split('/') is [var kind, var tracepoint] && s_sections.Contains(kind))
            {
                programs.Add((function, name, section, tracepoint));
            }
        }

        if (programs.Count == 0)
        {
            return;
        }

        HashSet<string> wanted = [.. programs.Select(static program => TypePrefix + program.Tracepoint)];
        ILookup<string, CXCursor> types = declarations.Where(static cursor => cursor.kind == CXCursorKind.CXCursor_TypedefDecl)
            .Select(static cursor => (Name: Cursors.Spelling(cursor), Cursor: cursor)).Where(one => wanted.Contains(one.Name)).ToLookup(static one => one.Name, static one => one.Cursor);
        foreach ((CXCursor body, string name, string section, string tracepoint) in programs)
        {
            TracepointArgument[][] forms = [.. types[TypePrefix + tracepoint].Select(ArgumentsOf), .. TracepointTable.Of(tracepoint)];
            TracepointArgument[] declared = [.. Cursors.Children(body).Where(static child => child.kind == CXCursorKind.CXCursor_ParmDecl).Skip(1).Select(static one => TracepointArgument.Of(clang.getCursorType(one), Cursors.Spelling(one)))];
            if (forms.Length > 0 && !Array.Exists(forms, form => Fit(declared, form)))
            {
                Add(body, name, section, declared, forms, found);
            }
        }
    }

    private static bool Fit(TracepointArgument[] declared, TracepointArgument[] form)
        => declared.Length <= form.Length && declared.Index().All(one => form[one.Index].Fits(one.Item));

    private static void Add(CXCursor body, string name, string section, TracepointArgument[] declared, TracepointArgument[][] forms, MistakeList found)
    {
        // The form of the table has names.
        TracepointArgument[] form = forms[^1];
        int at = Array.FindIndex(declared, one => Array.IndexOf(declared, one) is var index && (index >= form.Length || !form[index].Fits(one)));
        string wrong = at < 0 || at >= form.Length
            ? $"{declared.Length} arguments, and it passes {form.Length}"
            : $"'{declared[at].Declare(at)}' as argument {at + 1}, which is '{form[at].Declare(at)}'";
        found.Add(SourceIds.OtherArguments, body, name, section, wrong, $"BPF_PROG({name}, {string.Join(", ", Remedy(declared, form))})");
    }

    // The arguments up to the last one that the program uses, under the names that it gave them.
    private static IEnumerable<string> Remedy(TracepointArgument[] declared, TracepointArgument[] form)
    {
        var remedy = new List<string>();
        int next = 0;
        for (int i = 0; i < form.Length && next < declared.Length; i++)
        {
            bool isIt = form[i].IsLike(declared[next]);
            remedy.Add((isIt ? declared[next] : form[i]).Declare(i));
            next += isIt ? 1 : 0;
        }

        return remedy;
    }

    // The first parameter of such a type is the kernel's own.
    private static TracepointArgument[] ArgumentsOf(CXCursor type)
    {
        CXType function = clang.getCanonicalType(clang.getPointeeType(clang.getCanonicalType(clang.getTypedefDeclUnderlyingType(type))));
        return [.. Enumerable.Range(1, Math.Max(clang.getNumArgTypes(function) - 1, 0)).Select(i => TracepointArgument.Of(clang.getArgType(function, (uint)i), ""))];
    }

    private static string? SectionOf(List<CXCursor> declarations, SourceText text)
        => declarations.SelectMany(Cursors.Children).Where(static child => child.kind == CXCursorKind.CXCursor_UnexposedAttr)
            .Select(attribute => text.Written(clang.getCursorLocation(attribute))).Select(place => text.SectionAt(place.File, place.Offset)).FirstOrDefault(static section => section.Length > 0);
}
