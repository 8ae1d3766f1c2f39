using System.CommandLine;
using System.Globalization;
using Hypermesh.Bpf.Tool.Arguments;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>How a person names something in the kernel: by number, by name, or by the file it is pinned at.</summary>
internal static class Target
{
    internal static Argument<string> Argument(string kind)
    {
        var argument = new Argument<string>("TARGET") { Description = $"The {kind}: its number, its name, or the path it is pinned at." };
        argument.Validators.Add(CommonOptions.RefuseMistakes);
        return argument;
    }

    /// <summary>Opens it in the way its spelling asks for.</summary>
    internal static T Open<T>(string text, Func<uint, T> byId, Func<string, T> byName, Func<string, T> byPin)
        => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? byId(id)
            : text.Contains('/', StringComparison.Ordinal) ? byPin(text)
            : byName(text);

    internal static BpfOpenedProgram Program(string text) => Open(text, BpfOpenedProgram.OpenId, BpfOpenedProgram.OpenName, BpfOpenedProgram.OpenPinned);

    internal static BpfMapHandle Map(string text) => Open(text, BpfMapHandle.OpenId, BpfMapHandle.OpenName, BpfMapHandle.OpenPinned);
}
