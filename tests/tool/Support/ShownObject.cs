using System.Reflection;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>The compiled object of Programs/shown.bpf.c as a file: what the build put into this assembly.</summary>
internal static class ShownObject
{
    private static readonly Lazy<string> s_file = new(Write);

    internal static string File => s_file.Value;

    private static string Write()
    {
        Assembly assembly = typeof(ShownObject).Assembly;
        string resource = assembly.GetManifestResourceNames().Single(static name => name.Contains("hown", StringComparison.Ordinal));
        string path = Path.Combine(AppContext.BaseDirectory, "shown.bpf.o");
        using Stream from = assembly.GetManifestResourceStream(resource)!;
        using FileStream to = System.IO.File.Create(path);
        from.CopyTo(to);
        return path;
    }
}
