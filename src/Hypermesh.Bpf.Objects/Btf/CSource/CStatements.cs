namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>The statements of the header, written as they are asked for.</summary>
internal sealed class CStatements(CNames names, CText text, CDefinitions definitions)
{
    // The type behind <stdarg.h>, which some compilers describe as a typedef of void.
    private const string GnuList = "__gnuc_va_list";

    public void Forward(BtfType type) => text.Line(names.Tag(type) + ";\n");

    public void Composite(BtfType type) => text.Line(definitions.Composite(type, 0) + ";\n");

    public void Enum(BtfType type)
    {
        if (type.Length == 0)
        {
            return;
        }

        // One without a name is written where it is used, or here where nothing uses it.
        if (type.NameOffset != 0)
        {
            Guarded(definitions.Enum(type, 0) + ";\n", HasWordOfC23(type));
        }
    }

    public void UnusedEnum(BtfType type) => Guarded(definitions.Enum(type, 0) + ";\n", HasWordOfC23(type));

    public void Typedef(BtfType type)
    {
        string name = names.Text(type.NameOffset);
        string declaration = name == GnuList && type.TypeId == 0
            ? $"{CNames.BuiltinList} {names.Typedef(type)}"
            : definitions.Declarations.Declare(type.TypeId, names.Typedef(type), 0);
        Guarded($"typedef {declaration};\n", CNames.IsWordOfC23(name));
    }

    private bool HasWordOfC23(BtfType type)
    {
        for (int i = 0; i < type.Length; i++)
        {
            if (CNames.IsWordOfC23(names.Text(type.EnumValue(i).NameOffset)))
            {
                return true;
            }
        }

        return false;
    }

    private void Guarded(string statement, bool isGuarded)
        => text.Line(isGuarded ? $"{CNames.BeforeC23}\n{statement}#endif\n" : statement);
}
