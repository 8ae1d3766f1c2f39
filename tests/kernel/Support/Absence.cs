using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>
/// How kernels answer what they have not: in the words they have for that or, where they have only an errno that means much else too, by one that also lack its name in
/// their own types. Any other answer is a failure; versions are not asked, since distributions carry things back.
/// </summary>
internal static class Absence
{
    private static readonly string[] s_sleep = ["programs can be sleepable", "is not sleepable"];
    private static readonly string[] s_helper = ["unknown func", "invalid func", "cannot use helper"];

    /// <summary>Programs of that kind, or at that place, may not sleep.</summary>
    internal static bool OfSleep(BpfSyscallException answer) => Says(answer, s_sleep);

    /// <summary>The helper is not there, or not for programs of that kind; where its name is not known either, its number is said.</summary>
    internal static Func<BpfSyscallException, bool> OfHelper(string name)
    {
        int number = BpfHelpers.NumberOf(name);
        Assert.True(number > 0, $"{name} is no helper");
        return answer => Says(answer, [.. s_helper.SelectMany(words => new[] { $"{words} {name}#{number}", $"{words} unknown#{number}" })]);
    }

    /// <summary>As <see cref="OfHelper"/>, for several that came together: which is looked at first is the verifier's choice.</summary>
    internal static Func<BpfSyscallException, bool> OfAnyHelper(params string[] names)
    {
        Func<BpfSyscallException, bool>[] each = [.. names.Select(OfHelper)];
        return answer => each.Any(one => one(answer));
    }

    /// <summary>The function's result may not be changed, which is the verifier's to say.</summary>
    internal static bool OfChangedResult(BpfSyscallException answer) => Says(answer, ["is not modifiable"]);

    /// <summary>The number of the way of attaching is not known: EINVAL without a sentence of the verifier's, when the program is loaded or when it is attached.</summary>
    internal static Func<BpfSyscallException, bool> OfAttachType(BpfAttachType type)
        => answer => IsUnexplained(answer) && !KernelNames.HasNumber("bpf_attach_type", (uint)type);

    /// <summary>As <see cref="OfAttachType"/>, for one that may sleep: some kernels look at that first.</summary>
    internal static Func<BpfSyscallException, bool> OfSleepingAttachType(BpfAttachType type)
        => answer => (IsUnexplained(answer) || OfSleep(answer)) && !KernelNames.HasNumber("bpf_attach_type", (uint)type);

    /// <summary>Iterators take no target of that kind: its member is not in what linking takes for them.</summary>
    internal static Func<BpfSyscallException, bool> OfIteratorTarget(string member)
        => answer => !KernelNames.HasMember("bpf_iter_link_info", member)
            && (answer is BpfFeatureNotSupportedException || OfSleep(answer) || answer is { Command: BpfCommand.LinkCreate, Errno: Errno.E2BIG or Errno.EINVAL });

    /// <summary>Maps of that type cannot be created: its number is not known.</summary>
    internal static Func<BpfSyscallException, bool> OfMapType(BpfMapType type) => answer => IsOfMaps(answer) && !KernelNames.HasNumber("bpf_map_type", (uint)type);

    /// <summary>Maps cannot be created with a field of the call that is not there.</summary>
    internal static Func<BpfSyscallException, bool> OfMapField(string member) => answer => IsOfMaps(answer) && !KernelNames.HasMember("bpf_attr", member);

    /// <summary>Maps cannot be created with a flag that is not there.</summary>
    internal static Func<BpfSyscallException, bool> OfMapFlag(string constant) => answer => IsOfMaps(answer) && !KernelNames.HasConstant("", constant);

    /// <summary>A feature that was tried when the call failed, and found absent.</summary>
    internal static bool OfTriedFeature(BpfFeatureNotSupportedException answer)
        => Enum.GetValues<BpfFeature>().Any(feature => FeatureNeeds.Of(feature).Name == answer.Feature && BpfFeatures.Current.Check(feature).State == BpfFeatureState.Absent);

    private static bool IsUnexplained(BpfSyscallException answer)
        => answer is { Errno: Errno.EINVAL, Command: BpfCommand.ProgramLoad or BpfCommand.LinkCreate }
            && (answer is not BpfVerifierException refusal || refusal.Reason == Errno.Describe(Errno.EINVAL));

    private static bool IsOfMaps(BpfSyscallException answer) => answer is { Command: BpfCommand.MapCreate, Errno: Errno.EINVAL or Errno.E2BIG };

    private static bool Says(BpfSyscallException answer, string[] words)
        => answer is BpfVerifierException { Errno: Errno.EINVAL } refusal && words.Any(one => refusal.Reason.Contains(one, StringComparison.Ordinal));
}
