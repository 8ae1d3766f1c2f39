namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Prototypes of the kernel functions programs may call, which newer kernels mark with a declaration tag.</summary>
internal sealed class CKernelFunctions(BtfTypes types, CNames names, CDeclarations declarations)
{
    private const int WholeDeclaration = -1;

    /// <param name="text">Receives them.</param>
    /// <param name="order">Declares what they need first.</param>
    /// <param name="wanted">Only these; null for all.</param>
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
