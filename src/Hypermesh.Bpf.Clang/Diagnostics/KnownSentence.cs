using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Adds remedies to texts of clang that mean something else for BPF than for other targets.</summary>
internal static class KnownSentence
{
    private const string Stack =
        "The BPF stack limit is exceeded: a program and the functions it calls share 512 bytes. Keep a large variable in a BPF_MAP_TYPE_PERCPU_ARRAY of one entry, make it static, "
        + "or fill an event where it is sent from, in the memory that bpf_ringbuf_reserve (hm_reserve of <hypermesh/ringbuf.h>) returns";

    private const string FewerArguments = "pass a pointer to a struct in place of some, or mark the function static __always_inline";

    // clang's text is replaced where it is wrong for BPF.
    private static readonly (Regex Sentence, string Remedy, bool Replaces)[] s_rows =
    [
        (Of("^Looks like the BPF stack limit"), Stack, true),
        (Of("^A call to built-in function '__\\w*[sdtx]f\\w*' is not supported"),
            "BPF has no floating point: count in integers, such as thousandths, and divide in C#", false),
        (Of("incomplete type 'struct bpf_map_def'"),
            "libbpf 1.0 removed struct bpf_map_def. Declare the map as struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 1024); __type(key, __u32); __type(value, __u64); } name SEC(\".maps\");", false),
        (Of("^(too many args to 0x|0x[0-9a-f]+: .* too many arguments$)"), "A function that is not inlined is called with more than five arguments, which BPF does not have: " + FewerArguments, true),
        (Of("^(stack arguments are not supported|defined with too many args)"), "A function that is not inlined has more than five parameters, which BPF does not have: " + FewerArguments, true),
        (Of("^unknown target CPU '"), "set <BpfMcpu>, or the metadata Mcpu of the BpfCompile item, to v1, v2, v3 or v4", false),
        (Of("^declaration of '(struct|union) \\w+' will not be visible outside of this function"),
            "declare the struct above the function, or take it from vmlinux.h (" + MissingHeader.Vmlinux + ")", false),
    ];

    private static readonly Regex s_address = Of("^incompatible integer to pointer conversion passing '.* to parameter of type '");
    private static readonly Regex s_name = Of("^\\w+(?=\\s*[,)])");
    private static readonly Regex s_registers = Of("^The registers of a kprobe differ between architectures");

    /// <summary>Returns the text, with a remedy when the sentence is known.</summary>
    /// <param name="diagnostic">The diagnostic of clang.</param>
    /// <param name="lineOf">Returns the line of C that it is about; empty where that cannot be read.</param>
    public static string Explain(ClangDiagnostic diagnostic, Func<string> lineOf)
    {
        string text = diagnostic.Text;
        foreach ((Regex sentence, string remedy, bool replaces) in s_rows)
        {
            if (sentence.IsMatch(text))
            {
                return replaces ? remedy : WithRemedy(text, remedy);
            }
        }

        return MemoryCall.Remedy(text, lineOf, diagnostic.Column) is { } memory ? WithRemedy(text, memory)
            : MissingMacro.Remedy(text, lineOf) is { } macro ? WithRemedy(text, macro)
            : s_address.IsMatch(text) ? WithRemedy(text, Address(lineOf(), diagnostic.Column))
            : text;
    }

    /// <summary>Joins clang's text and the remedy to one sentence; some texts of clang end with a full stop.</summary>
    public static string WithRemedy(string text, string remedy) => $"{text.TrimEnd('.')}; {remedy}";

    /// <summary>Returns true for an error that clang repeats for each place where a value is needed; it is shown once.</summary>
    public static bool IsRepeated(ClangDiagnostic diagnostic) => diagnostic.Text.StartsWith("The BPF stack limit is exceeded", StringComparison.Ordinal) || s_rows[0].Sentence.IsMatch(diagnostic.Text);

    /// <summary>Returns true for a replaced error that needs no notes: clang's notes show the inside of a macro of libbpf.</summary>
    public static bool IsComplete(ClangDiagnostic diagnostic) => s_registers.IsMatch(diagnostic.Text);

    private static string Address(string line, int column)
    {
        string name = column > 0 && column <= line.Length ? s_name.Match(line.Substring(column - 1)).Value : "";
        return name.Length > 0 && !char.IsDigit(name[0])
            ? $"the function reads from memory, so pass the address of the variable: &{name}"
            : "the function reads from memory, so put the value into a variable and pass its address, as in &value";
    }

    private static Regex Of(string pattern) => new(pattern, RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));
}
