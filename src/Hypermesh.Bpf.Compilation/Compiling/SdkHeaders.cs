using System.Reflection;

namespace Hypermesh.Bpf.Compilation.Compiling;

/// <summary>The headers <c>hypermesh/*.h</c>, which are inside this assembly.</summary>
internal static class SdkHeaders
{
    private const string Prefix = "hypermesh/";

    private static readonly Lazy<IReadOnlyList<(string Name, byte[] Contents)>> s_all = new(Read);

    /// <summary>Each header by the name that <c>#include</c> has.</summary>
    internal static IReadOnlyList<(string Name, byte[] Contents)> All => s_all.Value;

    private static IReadOnlyList<(string Name, byte[] Contents)> Read()
    {
        Assembly assembly = typeof(SdkHeaders).Assembly;
        return [.. assembly.GetManifestResourceNames().Where(static name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name => (name, Contents(assembly, name)))];
    }

    private static byte[] Contents(Assembly assembly, string name)
    {
        using Stream stream = assembly.GetManifestResourceStream(name)!;
        byte[] contents = new byte[stream.Length];
        stream.ReadExactly(contents);
        return contents;
    }
}
