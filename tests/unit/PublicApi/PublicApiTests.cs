using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Hosting;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Support;
using PublicApiGenerator;

namespace Hypermesh.Bpf.Tests.Unit.PublicApi;

/// <summary>What users can call is written down, so that none of it changes unseen: <c>HYPERMESH_ACCEPT=1 ./test.sh unit</c> writes what there is.</summary>
public sealed partial class PublicApiTests
{
    // The namespaces that are not repeated at each use.
    private const string Usings = """
        using Hypermesh.Bpf;
        using Hypermesh.Bpf.Compilation;
        using Hypermesh.Bpf.Monitoring;
        using Hypermesh.Bpf.Objects;
        using Hypermesh.Bpf.Testing;
        using System;
        using System.Collections.Generic;
        using System.Runtime.InteropServices;
        using System.Threading;
        using System.Threading.Tasks;

        """;

    private static readonly ApiGeneratorOptions s_options = new()
    {
        IncludeAssemblyAttributes = false,
        TreatRecordsAsClasses = false,
        DenyNamespacePrefixes = [],
        ExcludeAttributes =
        [
            .. new[] { typeof(AsyncIteratorStateMachineAttribute), typeof(DebuggerDisplayAttribute), typeof(EnumeratorCancellationAttribute), typeof(TupleElementNamesAttribute) }
                .Select(static type => type.FullName!),
        ],
    };

    // What the generator of the text does not know yet, as it stands in C#.
    private static readonly (string Attribute, string Modifier)[] s_modifiers =
    [
        ("[System.Runtime.CompilerServices.RequiresLocation] ", "ref readonly "),
        ("[System.Runtime.CompilerServices.ParamCollection] ", "params "),
        ("[System.Runtime.CompilerServices.ScopedRef] ", "scoped "),
    ];

    [Theory]
    [InlineData(typeof(BpfObject))]
    [InlineData(typeof(BpfObjectSpec))]
    [InlineData(typeof(BpfTemplate))]
    [InlineData(typeof(CpuMonitor))]
    [InlineData(typeof(HypermeshMonitoringExtensions))]
    [InlineData(typeof(BpfFactAttribute))]
    public void The_public_types_of_an_assembly_are_those_written_down(Type one)
    {
        string text = one.Assembly.GeneratePublicApi(s_options) + "\n";
        foreach ((string attribute, string modifier) in s_modifiers)
        {
            text = text.Replace(attribute, modifier, StringComparison.Ordinal);
        }

        GoldenFile.Check(one.Assembly.GetName().Name!, Usings + QualifiedName().Replace(text, ""));
    }

    // A type of one of them: no other namespace follows, and a line that begins a namespace stays.
    [GeneratedRegex(@"(?<![\w.]|namespace )(?:Hypermesh\.Bpf\.Objects|Hypermesh\.Bpf\.Compilation|Hypermesh\.Bpf\.Monitoring|Hypermesh\.Bpf\.Testing|Hypermesh\.Bpf|System\.Collections\.Generic|System\.Runtime\.InteropServices|System\.Threading\.Tasks|System\.Threading|System)\.(?=\w+\b(?!\.))")]
    private static partial Regex QualifiedName();
}
