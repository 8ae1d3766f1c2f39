using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Text;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>A carrier as the compiler hands it over; null text stands for a file that has vanished.</summary>
internal sealed class CarrierFile(string path, string? text) : AdditionalText
{
    public override string Path => path;

    /// <summary>One of the carriers beside the tests.</summary>
    public static CarrierFile Named(string name) => new($"/project/obj/bpf/{name}.bpf.elf.txt", TextOf(name));

    public static string TextOf(string name)
        => File.ReadAllText(System.IO.Path.Combine(AppContext.BaseDirectory, "Carriers", name + ".bpf.elf.txt"));

    public override SourceText? GetText(CancellationToken cancellationToken = default)
        => text is null ? null : SourceText.From(text);
}
