namespace Hypermesh.Bpf.Compilation.Hooks;

/// <summary>A place in the kernel or in a program that a built program is attached to.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Section">The section of its program, such as <c>tp_btf/sched_switch</c>.</param>
/// <param name="Name">Its name without the kind.</param>
/// <param name="Arguments">What it passes: arguments, or the fields of a record.</param>
internal sealed record Hook(HookKind Kind, string Section, string Name, IReadOnlyList<HookArgument> Arguments)
{
    /// <summary>The argument with a name; null when there is none.</summary>
    internal HookArgument? Find(string name) => Arguments.FirstOrDefault(argument => argument.Name == name);
}

/// <summary>An argument of a hook, or a field of its record.</summary>
/// <param name="Name">Its name; <c>retval</c> for the result of a function.</param>
/// <param name="Type">Its type in C, for people.</param>
/// <param name="Offset">Where it begins in the program's context.</param>
/// <param name="Size">Its size there.</param>
/// <param name="Form">How it is stored.</param>
/// <param name="IsSigned">Whether it is a signed integer.</param>
internal sealed record HookArgument(string Name, string Type, int Offset, int Size, ArgumentForm Form, bool IsSigned)
{
    /// <summary>True for a pointer.</summary>
    internal bool IsPointer { get; init; }

    /// <summary>The kernel type that a pointer points to; 0 where that is not known.</summary>
    internal int Pointee { get; init; }

    /// <summary>True for a pointer that the verifier does not let a program load, since it points to no struct: it is copied by a helper.</summary>
    internal bool IsHidden { get; init; }

    /// <summary>What memory a pointer points to.</summary>
    internal PointerAccess Access { get; init; }
}

/// <summary>How a hook stores an argument.</summary>
internal enum ArgumentForm
{
    /// <summary>An integer or a pointer.</summary>
    Value,

    /// <summary>A text of a fixed length.</summary>
    Text,

    /// <summary>A number whose lower half is the offset of a text in the record (<c>__data_loc</c>).</summary>
    TextInRecord,

    /// <summary>The same, from the end of the number on (<c>__rel_loc</c>, 5.18).</summary>
    TextBehind,
}

/// <summary>How the memory behind a pointer is read.</summary>
internal enum PointerAccess
{
    /// <summary>By the helper for kernel memory.</summary>
    Kernel,

    /// <summary>By the helper for the memory of the current process.</summary>
    User,

    /// <summary>By a load: the verifier knows the type.</summary>
    Direct,
}

/// <summary>A kind of hook.</summary>
/// <param name="Section">The beginning of the section's name.</param>
/// <param name="Words">The words that name it: those of sections, and those of bpftrace.</param>
/// <param name="Source">Where its arguments are known from.</param>
/// <param name="Result">What its programs return: with 0, a classic tracepoint's record and a probe's would be hidden from perf.</param>
internal sealed record HookKind(string Section, string[] Words, ArgumentSource Source, int Result)
{
    internal static HookKind BtfTracepoint { get; } = new("tp_btf", ["tp_btf"], ArgumentSource.TracepointPrototype, 0);

    internal static HookKind RawTracepoint { get; } = new("raw_tp", ["raw_tp", "raw_tracepoint", "rawtracepoint", "rt"], ArgumentSource.TracepointPrototype, 0);

    internal static HookKind Tracepoint { get; } = new("tracepoint", ["tracepoint", "tp", "t"], ArgumentSource.Record, 1);

    internal static HookKind KProbe { get; } = new("kprobe", ["kprobe", "k"], ArgumentSource.Registers, 1);

    internal static HookKind KReturnProbe { get; } = new("kretprobe", ["kretprobe", "kr"], ArgumentSource.ResultRegister, 1);

    internal static HookKind FunctionEntry { get; } = new("fentry", ["fentry", "kfunc", "f"], ArgumentSource.FunctionPrototype, 0);

    internal static HookKind FunctionExit { get; } = new("fexit", ["fexit", "kretfunc", "fr"], ArgumentSource.FunctionPrototype, 0);

    internal static HookKind UProbe { get; } = new("uprobe", ["uprobe", "u"], ArgumentSource.Registers, 1);

    internal static HookKind UReturnProbe { get; } = new("uretprobe", ["uretprobe", "ur"], ArgumentSource.ResultRegister, 1);

    internal static IReadOnlyList<HookKind> All { get; } = [BtfTracepoint, RawTracepoint, Tracepoint, KProbe, KReturnProbe, FunctionEntry, FunctionExit, UProbe, UReturnProbe];

    /// <summary>True for a probe of a user program.</summary>
    internal bool IsUser => this == UProbe || this == UReturnProbe;

    internal bool HasResult => this == FunctionExit;
}

/// <summary>Where the arguments of a hook are known from.</summary>
internal enum ArgumentSource
{
    TracepointPrototype,
    FunctionPrototype,
    Record,
    Registers,
    ResultRegister,
}
