using Hypermesh.BpfSdk.Skeletons.Naming;

namespace Hypermesh.BpfSdk.Tasks.Names;

/// <summary>The name of the class for a C file.</summary>
/// <param name="Namespace">Its namespace; empty for the global one.</param>
/// <param name="ClassName">Its name.</param>
/// <param name="IsSuffixed">True when it took the suffix because its namespace ends in the same name.</param>
internal sealed record SkeletonName(string Namespace, string ClassName, bool IsSuffixed)
{
    private const string Extension = ".bpf.c";
    private const string Suffix = "Program";

    /// <summary>The name with its namespace.</summary>
    public string FullName => Namespace.Length == 0 ? ClassName : Namespace + "." + ClassName;

    /// <summary>The manifest name of the embedded object.</summary>
    public string ResourceName => $"Hypermesh.Bpf/{FullName}.bpf.o";

    /// <summary>The file's name without <c>.bpf.c</c> (or without its last extension, where it has another one).</summary>
    public static string Stem(string path)
    {
        string file = Path.GetFileName(path);
        return file.EndsWith(Extension, StringComparison.OrdinalIgnoreCase)
            ? file.Substring(0, file.Length - Extension.Length)
            : Path.GetFileNameWithoutExtension(file);
    }

    /// <summary>Names the class of a file.</summary>
    /// <param name="path">The C file.</param>
    /// <param name="rootNamespace">The project's namespace.</param>
    /// <param name="namespaceMetadata">The metadata Namespace, or empty.</param>
    /// <param name="classMetadata">The metadata ClassName, or empty.</param>
    public static SkeletonName Of(string path, string rootNamespace, string namespaceMetadata, string classMetadata)
    {
        string @namespace = namespaceMetadata.Length > 0 ? namespaceMetadata : ToNamespace(rootNamespace);
        if (classMetadata.Length > 0)
        {
            return new SkeletonName(@namespace, classMetadata, IsSuffixed: false);
        }

        string className = CSharpNames.ToPascalCase(Stem(path));
        bool meets = className == @namespace.Substring(@namespace.LastIndexOf('.') + 1);
        return new SkeletonName(@namespace, meets ? className + Suffix : className, meets);
    }

    // As dotnet new converts a project's name: my-app.v2 becomes my_app.v2.
    private static string ToNamespace(string text)
        => string.Join(".", text.Split(['.'], StringSplitOptions.RemoveEmptyEntries).Select(part => StartWithLetter(Underscored(part))));

    private static string Underscored(string part)
        => new([.. part.Select(c => char.IsLetterOrDigit(c) || c == '_' ? c : '_')]);

    private static string StartWithLetter(string name) => char.IsDigit(name[0]) ? "_" + name : name;
}
