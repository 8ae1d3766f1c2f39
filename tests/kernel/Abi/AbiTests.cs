using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.AbiGenerator;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.Abi;

/// <summary>The committed structures and constants against this kernel's own types.</summary>
public sealed partial class AbiTests : IDisposable
{
    // A flag of BPF_OBJ_PIN, which the kernel has among those of maps.
    private const string FlagOfPins = "BPF_F_PATH_FD";

    private static readonly string s_sources =
        typeof(AbiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "Sources").Value!;

    private readonly KernelBtf _kernel = KernelBtf.Acquire();

    public static TheoryData<string> Layouts => [.. KernelLayout.All.Select(layout => layout.Name)];

    public void Dispose() => _kernel.Dispose();

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Fields_lie_where_this_kernel_has_them(string name)
    {
        IReadOnlyList<KernelField>? kernel = new LayoutReader(_kernel.Types).Read(KernelLayout.All.Single(layout => layout.Name == name));
        Assert.SkipWhen(kernel is null, "an older kernel without it");
        Type type = typeof(BpfMap).Assembly.GetType($"Hypermesh.Bpf.Abi.{name}", throwOnError: true)!;
        int compared = 0;
        foreach (FieldInfo field in type.GetFields())
        {
            // An older kernel has fewer fields; those it has are where they always were.
            KernelField[] same = [.. kernel!.Where(candidate => candidate.Name == field.Name)];
            if (same is [var there])
            {
                Assert.Equal(there.Offset, field.GetCustomAttribute<FieldOffsetAttribute>()!.Value);
                Assert.Equal(there.End - there.Offset, SizeOf(field.FieldType));
                compared++;
            }
        }

        Assert.True(compared > 0);
        Assert.Equal(Marshal.SizeOf(type), type.StructLayoutAttribute!.Size);
    }

    [Fact]
    public void Files_are_what_the_tool_makes_of_their_kernel()
    {
        string[] folders = [Path.Combine(s_sources, "Hypermesh.Bpf", "Abi"), Path.Combine(s_sources, "Hypermesh.Bpf.Objects", "Abi")];
        Assert.SkipUnless(Directory.Exists(folders[0]), "the sources are not here");
        string release = RunningKernel.Release;
        Assert.SkipUnless(File.ReadAllText(Path.Combine(folders[0], "BpfCommand.g.cs")).StartsWith(AbiFiles.Header(release), StringComparison.Ordinal), "the files are from another kernel");
        (string Name, string Text)[] made = [.. AbiFiles.Make(_kernel.Types, release)];
        foreach ((string name, string text) in made)
        {
            Assert.Equal(text, File.ReadAllText(Path.Combine(s_sources, name)));
        }

        Assert.Equal(made.Length, folders.Sum(folder => Directory.GetFiles(folder, "*.g.cs").Length));
    }

    [Theory]
    [InlineData("bpf_map_type", "BpfMapType")]
    [InlineData("bpf_prog_type", "BpfProgramType")]
    [InlineData("bpf_attach_type", "BpfAttachType")]
    [InlineData("BPF_F_NO_PREALLOC", "BpfMapFlags")]
    public void Constants_are_those_of_this_kernel(string kernelEnum, string file)
    {
        string path = Path.Combine(s_sources, "Hypermesh.Bpf.Objects", "Abi", $"{file}.cs");
        Assert.SkipUnless(File.Exists(path), "the sources are not here");
        ILookup<string, ulong> kernel = KernelConstants.Read(_kernel.Types, kernelEnum).Where(constant => constant.Name != FlagOfPins).ToLookup(constant => constant.Name, constant => constant.Value);
        Dictionary<string, ulong> committed = Constant().Matches(File.ReadAllText(path)).ToDictionary(match => match.Groups["name"].Value, Value);
        Assert.NotEmpty(kernel);
        Assert.NotEmpty(committed);
        foreach ((string name, ulong value) in committed)
        {
            // A kernel that is older lacks the newest, and kernels rename what they deprecate; the numbers never change.
            Assert.All(kernel[name], actual => Assert.Equal(actual, value));
        }

        Assert.SkipWhen(RunningKernel.Release != "7.2", "complete for 7.2 only");
        Assert.Empty(kernel.SelectMany(constant => constant).Except(committed.Values));
    }

    private static ulong Value(Match match) => match.Groups["bit"].Success ? 1ul << int.Parse(match.Groups["bit"].Value) : ulong.Parse(match.Groups["value"].Value);

    // A fixed array is a struct with its first element inside.
    private static int SizeOf(Type type) => Marshal.SizeOf(type);

    [GeneratedRegex(@"<c>(?<name>BPF_\w+)</c>.*\n\s+\w+ = ((?<value>\d+)|1 << (?<bit>\d+)),")]
    private static partial Regex Constant();
}
