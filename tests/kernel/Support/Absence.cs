using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// Something that kernels may lack, and how such a kernel answers: with a message about it or, where there is only an errno with many meanings, with that errno and without its name in
/// the kernel's own types. Any other answer is a failure. Versions do not count, because distributions backport features.
/// </summary>
/// <param name="What">What is lacking, in words that are the same on every machine: the lists of skips have them.</param>
/// <param name="Explains">True where the answer is because it is lacking.</param>
internal sealed record Absence(string What, Func<BpfSyscallException, bool> Explains)
{
    private static readonly string[] s_sleep = ["programs can be sleepable", "is not sleepable"];
    private static readonly string[] s_helper = ["unknown func", "invalid func", "cannot use helper"];

    /// <summary>Programs of that kind, or at that place, may not sleep.</summary>
    internal static Absence OfSleep { get; } = new("sleep for programs of that kind", static answer => Says(answer, s_sleep));

    /// <summary>The verifier does not allow a program to change the function's result.</summary>
    internal static Absence OfChangedResult { get; } = new("leave to change that function's result", static answer => Says(answer, ["is not modifiable"]));

    /// <summary>Links of typed programs to many functions are not there.</summary>
    internal static Absence OfTracingMulti { get; } = new(
        "link of typed programs to many functions",
        static answer => answer is BpfFeatureNotSupportedException && !KernelNames.HasNumber("bpf_attach_type", (uint)BpfAttachType.TraceFEntryMulti));

    /// <summary>Skips the test; what the kernel answered goes to the test's output.</summary>
    internal void Skip(BpfSyscallException answer)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(answer.Message);
        Assert.Skip($"this kernel has no {What}");
    }

    /// <summary>The helper is not there, or not for programs of that kind. A kernel that does not know its name reports its number.</summary>
    internal static Absence OfHelper(string name)
    {
        int number = BpfHelpers.NumberOf(name);
        Assert.True(number > 0, $"{name} is not a helper");
        return new Absence($"{name} for programs of that kind", answer => Says(answer, [.. s_helper.SelectMany(words => new[] { $"{words} {name}#{number}", $"{words} unknown#{number}" })]));
    }

    /// <summary>As <see cref="OfHelper"/>, for several that came together: which is looked at first is the verifier's choice.</summary>
    internal static Absence OfAnyHelper(params string[] names)
    {
        Absence[] each = [.. names.Select(OfHelper)];
        return new Absence($"{string.Join(" and ", names)} for programs of that kind", answer => each.Any(one => one.Explains(answer)));
    }

    /// <summary>The number of the way of attaching is not known: EINVAL without a sentence of the verifier's, when the program is loaded or when it is attached.</summary>
    internal static Absence OfAttachType(BpfAttachType type)
        => new($"way of attaching {type}", answer => IsUnexplained(answer) && !KernelNames.HasNumber("bpf_attach_type", (uint)type));

    /// <summary>As <see cref="OfAttachType"/>, for one that may sleep: some kernels look at that first.</summary>
    internal static Absence OfSleepingAttachType(BpfAttachType type)
        => new($"way of attaching {type}", answer => (IsUnexplained(answer) || OfSleep.Explains(answer)) && !KernelNames.HasNumber("bpf_attach_type", (uint)type));

    /// <summary>Iterators take no target of that kind: its member is not in what linking takes for them.</summary>
    internal static Absence OfIteratorTarget(string member)
        => new($"iterator over a {member}", answer => !KernelNames.HasMember("bpf_iter_link_info", member)
            && (answer is BpfFeatureNotSupportedException || OfSleep.Explains(answer) || answer is { Command: BpfCommand.LinkCreate, Errno: Errno.E2BIG or Errno.EINVAL }));

    /// <summary>Maps of that type cannot be created: its number is not known.</summary>
    internal static Absence OfMapType(BpfMapType type) => new($"map type {type}", answer => IsOfMaps(answer) && !KernelNames.HasNumber("bpf_map_type", (uint)type));

    /// <summary>Maps cannot be created with a field of the call that is not there.</summary>
    internal static Absence OfMapField(string member) => new($"{member} of a map", answer => IsOfMaps(answer) && !KernelNames.HasMember("bpf_attr", member));

    /// <summary>Maps cannot be created with a flag that is not there.</summary>
    internal static Absence OfMapFlag(string constant) => new($"{constant} of a map", answer => IsOfMaps(answer) && !KernelNames.HasConstant("", constant));

    /// <summary>A feature that the exception says is absent, and that the kernel's own facts show to be.</summary>
    internal static Absence? OfFeature(BpfFeatureNotSupportedException answer)
        => Enum.GetValues<BpfFeature>().Where(feature => FeatureNeeds.Of(feature).Name == answer.Feature && !KernelFacts.Has(feature))
            .Select(static feature => new Absence(feature.ToString(), static _ => true)).FirstOrDefault();

    private static bool IsUnexplained(BpfSyscallException answer)
        => answer is { Errno: Errno.EINVAL, Command: BpfCommand.ProgramLoad or BpfCommand.LinkCreate }
            && (answer is not BpfVerifierException refusal || refusal.Reason == Errno.Describe(Errno.EINVAL));

    private static bool IsOfMaps(BpfSyscallException answer) => answer is { Command: BpfCommand.MapCreate, Errno: Errno.EINVAL or Errno.E2BIG };

    private static bool Says(BpfSyscallException answer, string[] words)
        => answer is BpfVerifierException { Errno: Errno.EINVAL } refusal && words.Any(one => refusal.Reason.Contains(one, StringComparison.Ordinal));
}
