using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.BtfSanitizing;

/// <summary>
/// Replaces types that a kernel does not support by supported ones with the same size and ID, so references from maps and programs stay valid.
/// The replacements are those of libbpf.
/// </summary>
internal static class BtfSanitizer
{
    // The first row that fits is used.
    private static readonly (BtfKind Kind, BtfAbilities Missing, Func<BtfTypes, BtfType, bool> Fits, Action<BtfRewriter, BtfType> Rewrite)[] s_rows =
    [
        (BtfKind.Variable, BtfAbilities.DataSections, Always, ToByte),
        (BtfKind.DeclarationTag, BtfAbilities.DeclarationTags, Always, ToByte),
        (BtfKind.DataSection, BtfAbilities.DataSections, Always, ToStruct),
        (BtfKind.DataSection, BtfAbilities.QuestionMarkSections, static (_, type) => type.Name.StartsWith("?", StringComparison.Ordinal), ToPlainName),
        (BtfKind.FunctionPrototype, BtfAbilities.Functions, Always, static (r, t) => r.Become(t, BtfKind.Enum, t.Length, sizeof(uint))),
        (BtfKind.Function, BtfAbilities.Functions, Always, static (r, t) => r.Become(t, BtfKind.Typedef, 0)),
        (BtfKind.Function, BtfAbilities.GlobalFunctions, static (_, type) => type.Linkage != 0, static (r, t) => r.Become(t, BtfKind.Function, 0)),
        (BtfKind.Float, BtfAbilities.Floats, Always, static (r, t) => ToAnonymous(r, t, BtfKind.Struct)),
        (BtfKind.TypeTag, BtfAbilities.TypeTags, Always, static (r, t) => ToAnonymous(r, t, BtfKind.Const)),
        (BtfKind.Enum, BtfAbilities.Enum64, static (_, type) => type.KindFlag, static (r, t) => r.Become(t, BtfKind.Enum, t.Length)),
        (BtfKind.Enum64, BtfAbilities.Enum64, Always, ToUnion),
    ];

    /// <summary>Returns the abilities that a kernel needs to accept the types unchanged.</summary>
    public static BtfAbilities Needs(BtfTypes types)
    {
        BtfAbilities needs = BtfAbilities.None;
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            foreach ((BtfKind kind, BtfAbilities missing, Func<BtfTypes, BtfType, bool> fits, _) in s_rows)
            {
                needs |= kind == type.Kind && fits(types, type) ? missing : BtfAbilities.None;
            }
        }

        return needs;
    }

    /// <summary>Returns the blob in the form that a kernel with these abilities accepts.</summary>
    public static byte[] Apply(byte[] blob, string source, BtfAbilities kernel)
    {
        BtfTypes types = BtfTypes.Read(blob, source);
        var rewriter = new BtfRewriter(types);
        for (int id = types.FirstId; id < types.Count; id++)
        {
            BtfType type = types[id];
            foreach ((BtfKind kind, BtfAbilities missing, Func<BtfTypes, BtfType, bool> fits, Action<BtfRewriter, BtfType> rewrite) in s_rows)
            {
                if (kind == type.Kind && (kernel & missing) == 0 && fits(types, type))
                {
                    rewrite(rewriter, type);
                    break;
                }
            }
        }

        return rewriter.Build();
    }

    private static bool Always(BtfTypes types, BtfType type) => true;

    // One byte always fits: the kernel compares the size of a variable with its space in the section.
    private static void ToByte(BtfRewriter rewriter, BtfType type)
    {
        rewriter.Become(type, BtfKind.Int, 0, 1);
        rewriter.SetEntryWord(type, 0, 0, 1, 8);
    }

    private static void ToStruct(BtfRewriter rewriter, BtfType type)
    {
        rewriter.Become(type, BtfKind.Struct, type.Length);
        rewriter.Rename(type, type.Name.Replace('.', '_').Replace('?', '_'));
        for (int i = 0; i < type.Length; i++)
        {
            BtfSectionVariable variable = type.SectionVariable(i);
            rewriter.SetEntryWord(type, i, 0, 3, rewriter.Types[variable.TypeId].NameOffset);
            rewriter.SetEntryWord(type, i, 1, 3, (uint)variable.TypeId);
            rewriter.SetEntryWord(type, i, 2, 3, variable.Offset * 8);
        }
    }

    private static void ToPlainName(BtfRewriter rewriter, BtfType type) => rewriter.Rename(type, "_" + type.Name.Substring(1));

    private static void ToAnonymous(BtfRewriter rewriter, BtfType type, BtfKind kind)
    {
        rewriter.Become(type, kind, 0);
        rewriter.Rename(type, "");
    }

    private static void ToUnion(BtfRewriter rewriter, BtfType type)
    {
        rewriter.Become(type, BtfKind.Union, type.Length);
        for (int i = 0; i < type.Length; i++)
        {
            rewriter.SetEntryWord(type, i, 1, 3, rewriter.Placeholder);
            rewriter.SetEntryWord(type, i, 2, 3, 0);
        }
    }
}

/// <summary>The kinds of BTF types that a kernel supports; they were added to the kernel one after another.</summary>
[Flags]
internal enum BtfAbilities
{
    None = 0,
    Functions = 1,
    GlobalFunctions = 2,
    DataSections = 4,
    QuestionMarkSections = 8,
    Floats = 16,
    DeclarationTags = 32,
    TypeTags = 64,
    Enum64 = 128,
    All = 255,
}
