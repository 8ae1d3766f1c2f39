using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>
/// Adapts an object's instructions to the running kernel's types (CO-RE, "compile once, run everywhere"): all thirteen kinds of relocation,
/// with libbpf's rules. Each distinct relocation is resolved once. Not safe for concurrent use.
/// </summary>
internal sealed class CoreRelocator
{
    // For comparison: a thousand relocations that each compare all members of task_struct need a quarter of a million.
    private const long MaximumWork = 50_000_000;

    private readonly BtfTypes _local;
    private readonly string _objectName;
    private readonly CoreCandidates _candidates;
    private long _work;
    private readonly Dictionary<CoreRelocation, CoreResolution> _resolutions = [];

    /// <summary>Creates a relocator for one object.</summary>
    /// <param name="local">The object's types.</param>
    /// <param name="targets">
    /// The running kernel's types first, then those of its modules, which are searched only when the first lack a name.
    /// With an empty list every type is missing.
    /// </param>
    /// <param name="objectName">The object's name, for messages.</param>
    /// <param name="modules">Returns the types of further modules; called at most once, when <paramref name="targets"/> lack a name.</param>
    public CoreRelocator(BtfTypes local, IReadOnlyList<BtfTypes> targets, string objectName, Func<IReadOnlyList<BtfTypes>>? modules = null)
    {
        _local = local;
        _objectName = objectName;
        _candidates = new CoreCandidates(local, targets, modules);
    }

    /// <summary>
    /// Resolves a relocation and writes the value into its instruction. When the kernel lacks the type, field or constant, the value of <c>exists</c> and of all
    /// relocations about types is 0; for the offset, size, sign and shifts of a field and for the value of an enum constant, the instruction is poisoned.
    /// </summary>
    /// <param name="relocation">The relocation.</param>
    /// <param name="instructions">The program's instructions.</param>
    /// <param name="index">The index of the instruction.</param>
    /// <param name="programName">The program's name, for messages.</param>
    /// <returns>The values before and after.</returns>
    /// <exception cref="BpfObjectFormatException">The relocation or the instruction contradicts the object's own types.</exception>
    /// <exception cref="BpfException">The kernel has several types with that name that disagree, or the value does not fit the instruction.</exception>
    public CoreOutcome Apply(CoreRelocation relocation, Span<BpfInstruction> instructions, int index, string programName)
    {
        var subject = new CoreSubject(this, relocation, _objectName, programName, index);
        if ((uint)index >= (uint)instructions.Length)
        {
            throw subject.Malformed($"the program has only {instructions.Length} instructions");
        }

        if (relocation.InstructionOffset % BpfInstruction.Size != 0)
        {
            throw subject.Malformed($"its offset, byte {relocation.InstructionOffset} of the section, is not the start of an instruction");
        }

        // The same relocation at another instruction has the same value.
        CoreRelocation question = relocation with { InstructionOffset = 0 };
        if (!_resolutions.TryGetValue(question, out CoreResolution resolution))
        {
            resolution = Resolve(subject);
            _resolutions.Add(question, resolution);
        }

        bool isPoisoned = CorePatcher.Patch(subject, resolution, instructions.Slice(index));
        return new CoreOutcome(isPoisoned, resolution.LocalValue, resolution.TargetValue);
    }

    /// <summary>Describes a relocation, such as <c>&lt;field_byte_offset&gt; struct task_struct.pid (0:1:2)</c>.</summary>
    /// <param name="relocation">A relocation of the object.</param>
    /// <returns>The kind, the type, the field or constant, and the access string.</returns>
    public string Describe(CoreRelocation relocation) => CoreDescription.Of(_local, relocation);

    /// <summary>Returns the target of an applied relocation in C notation: <c>struct task_struct.pid</c>.</summary>
    internal string Target(CoreRelocation relocation) => CoreDescription.Target(_local, relocation);

    /// <summary>Counts one comparison; returns false when all relocations together exceed the limit.</summary>
    internal bool Work() => ++_work <= MaximumWork;

    private CoreResolution Resolve(CoreSubject subject)
    {
        CoreRelocation relocation = subject.Relocation;
        string? problem = CoreSpecParser.TryParse(_local, relocation, out CoreSpec local);
        if (problem is not null)
        {
            throw subject.Malformed(problem);
        }

        if (relocation.Kind == CoreRelocationKind.TypeIdLocal)
        {
            return new CoreResolution((ulong)relocation.TypeId, (ulong)relocation.TypeId) { IsChecked = false };
        }

        if (_local[relocation.TypeId].NameBytes.IsEmpty)
        {
            throw subject.Malformed("an anonymous type cannot be looked up in the kernel: give it a name in the C");
        }

        return Agree(subject, local, _candidates.Of(relocation.TypeId));
    }

    // All matching candidates must give the same value, because it is not known which one is meant.
    private static CoreResolution Agree(CoreSubject subject, CoreSpec local, List<CoreCandidate> candidates)
    {
        CoreResolution? agreed = null;
        CoreSpec? first = null;
        var matching = new List<CoreCandidate>(candidates.Count);
        foreach (CoreCandidate candidate in candidates)
        {
            if (new CoreSpecMatcher(subject, local, candidate).Match() is not { } target)
            {
                continue;
            }

            CoreResolution resolution = CoreResolution.Of(subject, local, target);
            if (first is null)
            {
                first = target;
                agreed = resolution;
            }
            else if (target.BitOffset != first.BitOffset || resolution.TargetValue != agreed!.Value.TargetValue)
            {
                throw subject.Unfit(
                    $"type {first.RootTypeId} of {first.Types.Source} gives {agreed!.Value.TargetValue} and type {target.RootTypeId} of "
                    + $"{target.Types.Source} gives {resolution.TargetValue}; both types have the same name, so the relocation is ambiguous");
            }

            matching.Add(candidate);
        }

        if (agreed is null)
        {
            return CoreResolution.Of(subject, local, null);
        }

        candidates.Clear();
        candidates.AddRange(matching);
        return agreed.Value;
    }
}

/// <summary>The result of a CO-RE relocation.</summary>
/// <param name="IsPoisoned">True when the running kernel lacks the target: the instruction is now a call that the verifier rejects if it can be reached.</param>
/// <param name="LocalValue">The value by the object's own types, which the compiler wrote into the instruction.</param>
/// <param name="TargetValue">The value by the running kernel's types, which the instruction now contains unless it is poisoned.</param>
internal readonly record struct CoreOutcome(bool IsPoisoned, ulong LocalValue, ulong TargetValue);
