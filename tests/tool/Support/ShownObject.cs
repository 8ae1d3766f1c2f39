using System.Reflection;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>The compiled object of Programs/shown.bpf.c as a file: what the build put into this assembly.</summary>
internal static class ShownObject
{
    private static readonly Lazy<string> s_file = new(static () => Write("Shown", "shown.bpf.o"));
    private static readonly Lazy<string> s_unloadable = new(static () => Write("Unloadable", "unloadable.bpf.o"));

    private static readonly Lazy<string> s_rivals = new(static () => Write("Rivals", "rivals.bpf.o"));

    internal static string File => s_file.Value;

    /// <summary>The object of Programs/rivals.bpf.c.</summary>
    internal static string Rivals => s_rivals.Value;

    /// <summary>The object of Programs/unloadable.bpf.c.</summary>
    internal static string Unloadable => s_unloadable.Value;

    private static string Write(string className, string file)
    {
        Assembly assembly = typeof(ShownObject).Assembly;
        string resource = assembly.GetManifestResourceNames().Single(name => name.EndsWith($".{className}.bpf.o", StringComparison.Ordinal));
        string path = Path.Combine(AppContext.BaseDirectory, file);
        using Stream from = assembly.GetManifestResourceStream(resource)!;
        using FileStream to = System.IO.File.Create(path);
        from.CopyTo(to);
        return path;
    }
}
