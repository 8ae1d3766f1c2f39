namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Writes C declarations: the base type before the name; pointers, arrays and parameters around it.</summary>
internal sealed class CDeclarations(BtfTypes types, CNames names, CText text, CDefinitions definitions)
{
    // Deeper than any C that people write, such as pointers to functions that take pointers to functions.
    private const int DeepestNesting = 64;
    private const int LongestTag = 512;

    private int _depth;

    /// <summary>Returns the declaration of <paramref name="name"/>; for an empty name, the type alone.</summary>
    public string Declare(int id, string name, int indent)
    {
        Descend(id);
        string declaration = text.Made(Wrap(id, name, indent));
        _depth--;
        return declaration;
    }

    /// <summary>
    /// Returns the declaration of an unnamed member whose type has a name. It repeats the members of the struct or union, because standard C cannot declare a
    /// member by a tag or a typedef alone (the kernel does so, with <c>-fms-extensions</c>).
    /// </summary>
    public string DeclareUnnamed(BtfType composite, int indent)
    {
        Descend(composite.Id);
        string declaration = text.Made(definitions.Composite(composite, indent, isTagged: false));
        _depth--;
        return declaration;
    }

    private void Descend(int id)
    {
        if (++_depth > DeepestNesting)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} is nested more than {DeepestNesting} deep");
        }
    }

    // From the outside in: the first type is nearest to the name.
    private string Wrap(int id, string declarator, int indent)
    {
        string qualifiers = "", tags = "";
        bool isPointer = false;
        for (int step = 0; step < DeepestNesting; step++)
        {
            BtfType type = types[id];
            switch (type.Kind)
            {
                case BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict:
                    // A const array of const elements has the qualifier twice.
                    string qualifier = Qualifier(type.Kind);
                    qualifiers = qualifiers.Contains(qualifier) ? qualifiers : qualifiers + qualifier;
                    break;
                case BtfKind.TypeTag:
                    tags = Attribute(type, "btf_type_tag") + " " + tags;
                    break;
                case BtfKind.Pointer:
                    declarator = text.Made("*" + qualifiers + tags + declarator);
                    qualifiers = tags = "";
                    isPointer = true;
                    break;
                case BtfKind.Array:
                    // Qualifiers of an array apply to its elements.
                    declarator = text.Made(Parenthesize(declarator, isPointer) + $"[{type.Array.Count}]");
                    isPointer = false;
                    id = type.Array.ElementTypeId;
                    continue;
                case BtfKind.FunctionPrototype:
                    declarator = text.Made(Parenthesize(declarator, isPointer) + Parameters(type, indent));
                    qualifiers = tags = "";
                    isPointer = false;
                    break;
                default:
                    // "restrict" applies to pointers only.
                    string start = (qualifiers.Replace("restrict ", "") + Base(type, indent) + " " + tags).TrimEnd();
                    return declarator.Length == 0 ? start : start + " " + declarator;
            }

            id = type.TypeId;
        }

        throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {id} is a chain of more than {DeepestNesting} pointers and modifiers");
    }

    /// <summary>
    /// Returns the attribute for a tag; with the kind flag, the text of the tag is the attribute itself. Empty for a text that could end the attribute or the
    /// surrounding C.
    /// </summary>
    public string Attribute(BtfType tag, string attribute)
    {
        string value = tag.Name;
        return value.Length > LongestTag ? ""
            : tag.KindFlag ? IsAttribute(value) ? $"__attribute__(({value}))" : ""
            : value.All(static letter => letter is >= ' ' and <= '~' and not ('"' or '\\' or '?')) ? $"__attribute__(({attribute}(\"{value}\")))"
            : "";
    }

    // A name, or a name with a list of names and numbers.
    private static bool IsAttribute(string text)
    {
        int open = text.IndexOf('(');
        string name = open < 0 ? text : text.Substring(0, open);
        return name.Length > 0 && name.All(CNames.IsNameLetter)
            && (open < 0 || (text[text.Length - 1] == ')' && text.Substring(open + 1, text.Length - open - 2).All(static letter => CNames.IsNameLetter(letter) || letter is ',' or ' ')));
    }

    private static string Qualifier(BtfKind kind) => kind switch
    {
        BtfKind.Const => "const ",
        BtfKind.Volatile => "volatile ",
        _ => "restrict ",
    };

    private static string Parenthesize(string declarator, bool isPointer) => isPointer ? "(" + declarator + ")" : declarator;

    private string Parameters(BtfType prototype, int indent)
    {
        var list = new List<string>(prototype.Length);
        for (int i = 0; i < prototype.Length; i++)
        {
            BtfParameter parameter = prototype.Parameter(i);
            if (parameter.TypeId != 0)
            {
                list.Add(Declare(parameter.TypeId, parameter.NameOffset == 0 ? "" : names.AnyText(parameter.NameOffset), indent));
            }
            else if (i > 0)
            {
                // No type means variable arguments. C before C23 rejects them as the only parameter.
                list.Add("...");
            }
        }

        return "(" + (prototype.Length == 0 ? "void" : string.Join(", ", list)) + ")";
    }

    private string Base(BtfType type, int indent) => type.Kind switch
    {
        BtfKind.Void => "void",
        BtfKind.Int => CNumbers.Integer(type),
        BtfKind.Float => CNumbers.Float(type),
        BtfKind.Typedef => names.Typedef(type),
        BtfKind.Forward => names.Tag(type),
        BtfKind.Struct or BtfKind.Union => type.NameOffset == 0 ? definitions.Composite(type, indent) : names.Tag(type),
        BtfKind.Enum or BtfKind.Enum64 when type.Length == 0 => CNumbers.Integer(type.Size, type.KindFlag),
        BtfKind.Enum or BtfKind.Enum64 => type.NameOffset == 0 ? definitions.AnonymousEnum(type, indent) : names.Tag(type),
        _ => throw new BpfObjectFormatException(types.Source, ".BTF", type.Offset, $"type {type.Id} ({type.Kind}) is not the type of a value"),
    };
}

/// <summary>Writes prototypes of the kernel functions that programs may call; newer kernels mark them with a declaration tag.</summary>
internal sealed class CKernelFunctions(BtfTypes types, CNames names, CDeclarations declarations)
{
    private const int WholeDeclaration = -1;

    /// <param name="text">Receives the prototypes.</param>
    /// <param name="order">Declares the types that the prototypes need.</param>
    /// <param name="wanted">The names to write; null for all.</param>
    public void Write(CText text, COrder order, ISet<string>? wanted = null)
    {
        var tags = new Dictionary<int, HashSet<string>>();
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType tag = types[id];
            if (tag.Kind == BtfKind.DeclarationTag && tag.DeclarationTagComponent == WholeDeclaration && types[tag.TypeId].Kind == BtfKind.Function)
            {
                Of(tags, tag.TypeId).Add(tag.Name);
            }
        }

        List<BtfType> functions =
        [
            .. tags.Where(static pair => pair.Value.Contains("bpf_kfunc")).Select(pair => types[pair.Key])
                .Where(function => wanted is null || wanted.Contains(function.Name))
                .OrderBy(static function => function.Name, StringComparer.Ordinal),
        ];
        if (functions.Count == 0)
        {
            return;
        }

        foreach (BtfType function in functions)
        {
            order.Declare(function.TypeId);
        }

        text.Line(CFrame.FunctionsBegin);
        foreach (BtfType function in functions.Where(function => names.TakeOrdinary(names.Text(function.NameOffset))))
        {
            string fast = tags[function.Id].Contains("bpf_fastcall") ? " __bpf_fastcall" : "";
            text.Line($"extern {declarations.Declare(function.TypeId, names.Text(function.NameOffset), 0)} __weak __ksym{fast};");
        }

        text.Line(CFrame.FunctionsEnd);
    }

    private static HashSet<string> Of(Dictionary<int, HashSet<string>> tags, int function)
        => tags.TryGetValue(function, out HashSet<string>? names) ? names : tags[function] = new HashSet<string>(StringComparer.Ordinal);
}
