using Hypermesh.BpfSdk.Comments.Reading;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>An argument that a tracepoint passes, or that a program declares.</summary>
/// <param name="Text">The type in C, such as <c>struct task_struct *</c>.</param>
/// <param name="Name">The name; empty where the kernel's types have none.</param>
/// <param name="IsPointer">True for a pointer.</param>
/// <param name="Struct">The struct that a pointer points to; empty for another type.</param>
/// <param name="Bytes">The size.</param>
internal sealed record TracepointArgument(string Text, string Name, bool IsPointer, string Struct, long Bytes)
{
    private const string Flavor = "___";
    private const string Keyword = "struct ";
    private const int Pointer = 8;

    /// <summary>The declaration in C; an argument without a name has its number in it.</summary>
    public string Declare(int index)
        => $"{Text}{(Text.EndsWith('*') ? "" : " ")}{(Name.Length > 0 ? Name : $"arg{index + 1}")}";

    public static TracepointArgument Of(CXType type, string name)
    {
        string text = Types.Name(type);
        return Types.Target(type) is { } target
            ? new TracepointArgument(text, name, true, target.kind == CXTypeKind.CXType_Record ? StructOf(Types.Unqualified(target)) : "", Pointer)
            : new TracepointArgument(text, name, false, "", clang.Type_getSizeOf(type));
    }

    /// <summary>Reads a declaration of <see cref="TracepointTable"/>.</summary>
    public static TracepointArgument Parse(string declaration)
    {
        int start = declaration.LastIndexOfAny([' ', '*']) + 1;
        string text = declaration[..start].TrimEnd();
        bool isPointer = text.EndsWith('*');
        bool isLong = text.Contains("long", StringComparison.Ordinal);
        return new TracepointArgument(text, declaration[start..], isPointer, isPointer ? StructOf(text[..^1].TrimEnd()) : "", isPointer || isLong ? Pointer : text == "_Bool" ? 1 : sizeof(int));
    }

    /// <summary>Returns false where the declared argument certainly is not this one. A number of 64 bits can hold every argument.</summary>
    public bool Fits(TracepointArgument declared)
        => declared.IsPointer
            ? IsPointer ? declared.Struct.Length == 0 || Struct.Length == 0 || declared.Struct == Struct : Bytes >= Pointer
            : !IsPointer || declared.Bytes >= Pointer;

    /// <summary>Returns true where the declared argument is probably this one.</summary>
    public bool IsLike(TracepointArgument declared) => IsPointer == declared.IsPointer && Struct == declared.Struct && Bytes == declared.Bytes;

    // A flavor of a struct is the struct.
    private static string StructOf(string type)
        => !type.StartsWith(Keyword, StringComparison.Ordinal) ? ""
            : type.IndexOf(Flavor, StringComparison.Ordinal) is > 0 and int end ? type[Keyword.Length..end] : type[Keyword.Length..];
}
