using System.CommandLine;
using System.Globalization;
using Hypermesh.Bpf.Tool.Arguments;

namespace Hypermesh.Bpf.Tool.Listing;

/// <summary>A target on the command line: the ID, the name, or the path of the pin of something in the kernel.</summary>
internal static class Target
{
    internal static Argument<string> Argument(string kind)
    {
        var argument = new Argument<string>("TARGET") { Description = $"The {kind}: its ID, its name, or the path of its pin." };
        argument.Validators.Add(CommonOptions.RefuseMistakes);
        return argument;
    }

    /// <summary>Opens the target by its ID, pin or name, depending on its spelling.</summary>
    internal static T Open<T>(string text, Func<uint, T> byId, Func<string, T> byName, Func<string, T> byPin)
        => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? byId(id)
            : text.Contains('/', StringComparison.Ordinal) ? byPin(text)
            : byName(text);

    internal static BpfOpenedProgram Program(string text) => Open(text, BpfOpenedProgram.OpenId, BpfOpenedProgram.OpenName, BpfOpenedProgram.OpenPinned);

    internal static BpfMapHandle Map(string text) => Open(text, BpfMapHandle.OpenId, BpfMapHandle.OpenName, BpfMapHandle.OpenPinned);
}
