using Hypermesh.Bpf.Tests.Generator.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Hypermesh.Bpf.Tests.Generator.Emitting;

/// <summary>Generated code in the strictest of projects: every warning an error, no unsafe code, documentation checked, no implicit usings.</summary>
public sealed class CompilationTests
{
    public static TheoryData<string> Carriers => ["Events", "Layouts", "Sums", "Reserved", "Minimal", "Attaches", "Documented", "Torture", "Dropped", "NoPrograms"];

    [Theory]
    [MemberData(nameof(Carriers))]
    public void Compiles_without_a_warning(string carrier)
        => Assert.Empty(GeneratorRun.Of(carrier).Whole().GetDiagnostics(TestContext.Current.CancellationToken));

    [Theory]
    [MemberData(nameof(Carriers))]
    public void Compiles_as_an_internal_class_in_the_global_namespace_with_checked_arithmetic(string carrier)
    {
        string text = CarrierFile.TextOf(carrier)
            .Replace("accessibility public", "accessibility internal", StringComparison.Ordinal)
            .Replace("namespace Carriers.Sample", "namespace ", StringComparison.Ordinal);
        CSharpCompilation compilation = Compilations.Empty();
        GeneratorRun run = GeneratorRun.Of([new CarrierFile("/c", text)], compilation.WithOptions(compilation.Options.WithOverflowChecks(true)));

        Assert.NotEmpty(run.Sources);
        Assert.Empty(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_namespace_may_hold_keywords()
    {
        string text = CarrierFile.TextOf("Events").Replace("namespace Carriers.Sample", "namespace my.event.namespace", StringComparison.Ordinal);

        GeneratorRun run = GeneratorRun.Of([new CarrierFile("/c", text)]);

        Assert.NotEmpty(run.Sources);
        Assert.Empty(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Every_public_member_is_documented()
    {
        CSharpCompilation whole = GeneratorRun.Of("Events", "Layouts", "Sums", "Reserved").Whole();
        using var assembly = new MemoryStream();
        using var documentation = new MemoryStream();

        Assert.True(whole.Emit(assembly, xmlDocumentationStream: documentation, cancellationToken: TestContext.Current.CancellationToken).Success);
        Assert.Contains("T:Carriers.Sample.Events.Event", System.Text.Encoding.UTF8.GetString(documentation.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("exec.Maps.Flows.TryGetValue(1u, out _);", "CS1503")]
    [InlineData("exec.Programs.RawSwitch.Attach(default(global::Hypermesh.Bpf.NetworkDevice));", "CS1503")]
    [InlineData("exec.Programs.CountPackets.Attach();", "CS7036")]
    [InlineData("exec.Programs.OnExit.Attach(default(global::Hypermesh.Bpf.NetworkDevice));", "CS1503")]
    [InlineData("exec.Globals.Settings = default;", "CS0200")]
    [InlineData("exec.Load();", "CS1061")]
    [InlineData("Carriers.Sample.Layouts.Open().Attach();", "CS1061")]
    public void A_wrong_use_does_not_compile(string use, string error)
    {
        string code = $"internal static class User {{ internal static void Use(Carriers.Sample.Layouts exec) {{ {use} }} }}";
        GeneratorRun run = GeneratorRun.Of([CarrierFile.Named("Layouts")], Compilations.Of(code));

        Diagnostic diagnostic = Assert.Single(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
        Assert.Equal(error, diagnostic.Id);
    }

    [Fact]
    public void The_intended_use_compiles()
    {
        const string Code = """
            using System;
            using System.Threading;
            using System.Threading.Tasks;
            using Carriers.Sample;
            using Hypermesh.Bpf;

            internal static class User
            {
                internal static async Task Watch(CancellationToken stop)
                {
                    await using var exec = Events.Open(spec => spec.Globals.MinDurationNs = 1_000_000).Load();
                    exec.Attach();
                    exec.Globals.Verbosity = 3;
                    await foreach (Events.Event e in exec.Maps.Events.ReadAllAsync(stop))
                    {
                        Console.WriteLine($"{e.Pid} {e.Comm} {e.Kind == Events.EventKind.EventExec} {e.Comm.Equals("bash"u8)} {exec.Maps.Events.Dropped}");
                    }
                }

                internal static void Count()
                {
                    var spec = Sums.Open();
                    spec.Maps.ByDevice.MaxEntries = 128;
                    spec.Programs.OnSwitch.Optional = true;
                    using var sums = spec.Load();
                    foreach (var (device, value) in sums.Maps.ByDevice)
                    {
                        Sums.Histogram total = value.Sum();
                        Console.WriteLine($"{device} {total.Spread.Longest} {total.Slots[3]} {sums.Maps.Switches[0].Sum()}");
                    }

                    BpfProgramLink? link = sums.Links.OnSwitch;
                    link?.Dispose();
                }

                internal static void Attach(Layouts layouts)
                {
                    layouts.Programs.CountPackets.Attach(NetworkDevice.FromName("veth0"), XdpMode.Generic);
                    layouts.Programs.OnIngress.Attach(NetworkDevice.FromName("veth0"));
                    layouts.Programs.RawSwitch.Attach();
                    var key = new Layouts.Flow { SaddrHostOrder = 0x7f000001, DportHostOrder = 443, IsLocal = true };
                    if (layouts.Maps.Flows.TryGetValue(in key, out Layouts.Everything found))
                    {
                        Console.WriteLine($"{found.Name} {found.Matrix[1][2]} {found.Node.Next} {found.Points[0].AsFloat}");
                    }
                }
            }
            """;
        GeneratorRun run = GeneratorRun.Of([CarrierFile.Named("Events"), CarrierFile.Named("Sums"), CarrierFile.Named("Layouts")], Compilations.Of(Code));

        Assert.Empty(run.Whole().GetDiagnostics(TestContext.Current.CancellationToken));
    }
}
