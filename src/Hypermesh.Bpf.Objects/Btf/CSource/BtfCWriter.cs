namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Writes types as C that <c>clang -target bpf</c> compiles to the same layout. Each type comes after the types it contains, and structs that are only
/// pointed to are forward declarations. Bitfields, packing and padding are explicit where the compiler's own layout would differ. One writer writes each type
/// once.
/// </summary>
internal sealed class BtfCWriter
{
    // The types that libbpf's bpf_helpers.h and bpf_tracing.h use although the C that includes them need not name them.
    private static readonly string[] s_ofHeaders =
        ["__u8", "__u16", "__u32", "__u64", "__s8", "__s16", "__s32", "__s64", "__be16", "__be32", "__be64", "__le16", "__le32", "__le64", "__wsum", "__sum16", "pt_regs"];

    private readonly BtfTypes _types;
    private readonly CText _text;
    private readonly CNames _names;
    private readonly CDefinitions _definitions;
    private readonly CStatements _statements;
    private readonly COrder _order;

    /// <summary>Creates a writer.</summary>
    /// <param name="types">The types: an object's, a kernel's or a module's.</param>
    /// <param name="output">Receives the C, in lines that end in <c>\n</c>.</param>
    public BtfCWriter(BtfTypes types, TextWriter output)
    {
        _types = types;
        _text = new CText(types, output);
        _names = new CNames(types);
        _definitions = new CDefinitions(types, _names, _text);
        _statements = new CStatements(_names, _text, _definitions);
        _order = new COrder(types, _statements);
    }

    /// <summary>
    /// Writes a whole header, as <c>bpftool btf dump file … format c</c> does: include guard, <c>preserve_access_index</c> on every record
    /// (unless <c>BPF_NO_PRESERVE_ACCESS_INDEX</c> is defined), all types, and the kernel functions that programs may call (unless
    /// <c>BPF_NO_KFUNC_PROTOTYPES</c> is defined).
    /// </summary>
    /// <exception cref="BpfObjectFormatException">The types contradict themselves.</exception>
    public void WriteHeader()
    {
        _text.Line(CFrame.Begin);
        WriteAll();
        var functions = new CKernelFunctions(_types, _names, _definitions.Declarations);
        functions.Write(_text, _order);
        _text.Line(CFrame.End);
    }

    /// <summary>
    /// Writes a header as <see cref="WriteHeader()"/> does, but only with the types, enum constants and kernel functions of the given names, the types that those and
    /// libbpf's headers need, and the types that are read through their pointers.
    /// </summary>
    /// <param name="names">The names, such as those in a C file; a name without a type is ignored.</param>
    /// <exception cref="BpfObjectFormatException">The types contradict themselves.</exception>
    public void WriteHeader(IEnumerable<string> names)
    {
        var inC = new HashSet<string>(names, StringComparer.Ordinal);
        var wanted = new HashSet<string>(inC.Concat(s_ofHeaders), StringComparer.Ordinal);
        var dereferences = new CDereferences(_types, inC);
        _text.Line(CFrame.Begin);
        bool[] isReferenced = CReferences.Find(_types);
        for (int id = _types.FirstId; id < _types.Count; id++)
        {
            BtfType type = _types[id];
            bool isNamed = type.NameOffset != 0 && (type.IsComposite || type.IsEnum || type.Kind is BtfKind.Typedef or BtfKind.Forward) && wanted.Contains(type.Name);
            if (isNamed || (type.IsEnum && type.NameOffset != 0 && HasConstant(type, wanted)))
            {
                _order.Complete(id);
                foreach (int reached in type.IsComposite ? dereferences.From(id) : [])
                {
                    _order.Complete(reached);
                }
            }
            else if (type.NameOffset == 0 && type.IsEnum && !isReferenced[id - _types.FirstId] && HasConstant(type, wanted))
            {
                _statements.UnusedEnum(type);
            }
        }

        new CKernelFunctions(_types, _names, _definitions.Declarations).Write(_text, _order, wanted);
        _text.Line(CFrame.End);
    }

    /// <summary>Writes all types; for a module, its own types and the kernel types they need.</summary>
    /// <exception cref="BpfObjectFormatException">The types contradict themselves.</exception>
    public void WriteAll()
    {
        bool[] isReferenced = CReferences.Find(_types);
        for (int id = _types.FirstId; id < _types.Count; id++)
        {
            BtfType type = _types[id];
            if (type.NameOffset != 0 && (type.IsComposite || type.IsEnum || type.Kind is BtfKind.Typedef or BtfKind.Forward))
            {
                _order.Complete(id);
            }
            else if (type.NameOffset == 0 && type.IsEnum && type.Length > 0 && !isReferenced[id - _types.FirstId])
            {
                _statements.UnusedEnum(type);
            }
        }
    }

    /// <summary>Writes one type and the types it depends on.</summary>
    /// <param name="id">A type.</param>
    /// <exception cref="BpfObjectFormatException">The types contradict themselves.</exception>
    public void Write(int id) => _order.Complete(id);

    /// <summary>Returns the name of a type in the C, which differs from its own name where two types share one.</summary>
    /// <param name="id">A type.</param>
    /// <returns>The name, such as <c>struct task_struct</c> or <c>u64</c>.</returns>
    /// <exception cref="BpfObjectFormatException">The types contradict themselves.</exception>
    public string NameOf(int id) => _definitions.Declarations.Declare(id, "", 0);

    private bool HasConstant(BtfType type, ISet<string> names) => Enumerable.Range(0, type.Length).Any(i => names.Contains(_types.GetString(type.EnumValue(i).NameOffset)));
}
