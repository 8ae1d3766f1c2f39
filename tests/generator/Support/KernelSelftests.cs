using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>The kernel's own eBPF tests, compiled by <c>selftests.sh</c>, and the bindings of all of them in one assembly; the structs of the kernel are among them.</summary>
public sealed class KernelSelftests
{
    private const int CannotBeHad = 77;

    private readonly string? _missing;
    private readonly Lazy<GeneratorRun> _run;
    private readonly Lazy<byte[]> _assembly;

    public KernelSelftests()
    {
        (int code, string output) = Machine.Run(System.IO.Path.Combine(Machine.Repository, "tests", "generator", "Selftests", "selftests.sh"));
        _missing = code == CannotBeHad ? output.Trim() : code == 0 ? null : throw new InvalidOperationException($"selftests.sh ended with {code}: {output}");
        if (_missing is null)
        {
            string[] paths = [.. Directory.GetFiles(System.IO.Path.Combine(Machine.Repository, "artifacts", "selftests", "objects"), "*.o").Order(StringComparer.Ordinal)];
            Objects = paths.Length;

            // Two files may differ in what C# makes one name of; each has a namespace.
            All = [.. paths.Select((path, i) => Read(path, $"Kernel.N{i}")).OfType<Bindings>()];
        }

        _run = new Lazy<GeneratorRun>(() => GeneratorRun.Of(All.Select(bindings => bindings.ToFile())));
        _assembly = new Lazy<byte[]>(Emit);
    }

    /// <summary>How many objects there are.</summary>
    internal int Objects { get; }

    /// <summary>Those with programs, of which there are bindings.</summary>
    internal IReadOnlyList<Bindings> All { get; } = [];

    /// <summary>The others, and why.</summary>
    internal Dictionary<string, string> Refused { get; } = [];

    /// <summary>The generator over all of them.</summary>
    internal GeneratorRun Run => _run.Value;

    /// <summary>The files in which two C names make one C# name.</summary>
    internal HashSet<string> Clashing => [.. Run.Diagnostics.Where(found => found.Id == "HMBPF2008").Select(found => found.Location.GetLineSpan().Path)];

    /// <summary>The bindings of all others.</summary>
    internal IReadOnlyList<Bindings> Clean
    {
        get
        {
            HashSet<string> clashing = Clashing;
            return [.. All.Where(bindings => !clashing.Contains(bindings.Carrier.Source))];
        }
    }

    /// <summary>What was compiled of them; it must have gone without a warning.</summary>
    internal byte[] Assembly => _assembly.Value;

    /// <summary>Skips the test where the kernel's tests cannot be had.</summary>
    internal void Need() => Assert.SkipWhen(_missing is not null, _missing ?? "");

    private Bindings? Read(string path, string @namespace)
    {
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        try
        {
            Bindings? bindings = Bindings.Of(path, name + ".bpf.c", @namespace, "Program");
            if (bindings is null)
            {
                Refused[name] = "it is empty";
            }

            return bindings;
        }
        catch (BpfException exception)
        {
            Refused[name] = exception.Message;
            return null;
        }
    }

    private byte[] Emit()
    {
        using var image = new MemoryStream();
        using var documentation = new MemoryStream();
        EmitResult result = Run.Whole().Emit(image, xmlDocumentationStream: documentation);
        Assert.Empty(result.Diagnostics.Where(found => found.Severity != DiagnosticSeverity.Hidden));
        return image.ToArray();
    }
}
