using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Externs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Objects.Spec;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Preflight;

/// <summary>Compares the requirements of an object with the running kernel.</summary>
internal sealed class PreflightChecks : IDisposable
{
    private readonly IKernel _kernel;
    private readonly BpfObjectSpec _spec;
    private readonly RunningTypes _running;
    private readonly List<BpfPreflightFinding> _missing = [];
    private readonly HashSet<(string Subject, string NeededBy)> _told = [];

    internal PreflightChecks(IKernel kernel, BpfObjectSpec spec)
    {
        _kernel = kernel;
        _spec = spec;
        _running = new RunningTypes(kernel);
    }

    public void Dispose() => _running.Dispose();

    internal IReadOnlyList<BpfPreflightFinding> Run()
    {
        Capabilities lacking = ProcessPrivileges.Read(_kernel).Missing(ProgramCapabilities.Of(_spec)) ?? Capabilities.None;
        if (lacking != Capabilities.None)
        {
            Tell(BpfPreflight.Capabilities, BpfFeatureState.Refused, $"this process lacks {CapabilityNames.Of(lacking)}", "");
        }

        bool hasTypes = HasKernelTypes();
        foreach (KernelRequirement one in ObjectRequirements.Of(_spec).Where(static one => !one.IsOptional))
        {
            BpfFeatureResult? found = Check(one, hasTypes);

            // Without the capabilities every probe is denied, which is already reported.
            if (found is { State: not BpfFeatureState.Supported } answer && (answer.State == BpfFeatureState.Absent || lacking == Capabilities.None))
            {
                Tell(one.Subject, answer.State, one.Since is null ? answer.Detail : $"{answer.Detail}; {Since(one)}", one.CName);
            }
        }

        CheckOptions();
        if (hasTypes)
        {
            CheckTargets();
            CheckVariables();
        }

        return _missing;
    }

    private static string Since(KernelRequirement one) => $"Linux {one.Since} supports it{(one.Lacking is null ? "" : $", {one.Lacking} does not")}";

    private bool HasKernelTypes()
    {
        try
        {
            return _running.Kernel.Count > 0;
        }
        catch (BpfSyscallException reason)
        {
            if (ObjectRequirements.NeedsKernelTypes(_spec) || _spec.Programs.Any(program => _spec.IsWanted(program) && AttachTarget.IsTyped(program)))
            {
                Tell("The kernel's types (BTF)", reason is BpfFeatureNotSupportedException ? BpfFeatureState.Absent : BpfFeatureState.Refused, reason.Message, "");
            }

            return false;
        }
    }

    private BpfFeatureResult? Check(KernelRequirement one, bool hasTypes) => one.Kind switch
    {
        RequirementKind.ProgramType => BpfFeatures.Of(_kernel).Check((BpfProgramType)one.Number),
        RequirementKind.MapType => BpfFeatures.Of(_kernel).Check((BpfMapType)one.Number),
        RequirementKind.Helper => CheckHelper(one),
        RequirementKind.AttachType when hasTypes => CheckAttachType(one),
        RequirementKind.KernelFunction when hasTypes => Find(one.Name, BtfKind.Function),
        _ => null,
    };

    // What struct_ops and freplace programs can call depends on the function: a probe has no result.
    private BpfFeatureResult? CheckHelper(KernelRequirement one)
    {
        BpfProgramType type = one.ProgramType != BpfProgramType.Unspec
            ? one.ProgramType
            : _spec.Programs.FirstOrDefault(_spec.IsWanted)?.Type ?? BpfProgramType.Unspec;
        return type is BpfProgramType.Unspec or BpfProgramType.StructOps or BpfProgramType.Ext ? null : BpfFeatures.Of(_kernel).CheckHelper(type, one.Number);
    }

    private BpfFeatureResult CheckAttachType(KernelRequirement one)
    {
        int list = _running.Kernel.Find("bpf_attach_type", BtfKind.Enum);
        BtfType constants = _running.Kernel[list];
        bool isThere = list != 0 && Enumerable.Range(0, constants.Length).Any(i => constants.EnumValue(i).Value == (ulong)one.Number && !IsEnd(constants.EnumValue(i)));
        return new BpfFeatureResult(one.Subject, isThere || list == 0 ? BpfFeatureState.Supported : BpfFeatureState.Absent, "this kernel's types do not list it");

        bool IsEnd(BtfEnumValue constant) => _running.Kernel.GetString(constant.NameOffset).StartsWith("__MAX", StringComparison.Ordinal);
    }

    private BpfFeatureResult Find(string name, BtfKind kind)
    {
        if (_running.Find(name, kind).Id != 0)
        {
            return new BpfFeatureResult(name, BpfFeatureState.Supported, "");
        }

        return _running.ModulesRefused is { } refused
            ? new BpfFeatureResult(name, BpfFeatureState.Refused, $"not in the kernel itself, and the types of its modules cannot be read: {refused.Advice}")
            : new BpfFeatureResult(name, BpfFeatureState.Absent, "neither the kernel's types nor those of a loaded module have it");
    }

    private void CheckOptions()
    {
        foreach (BpfExternSpec option in _spec.Externs.Where(static e => e is { Kind: BpfExternKind.KernelConfig, IsWeak: false } && KernelConfigValues.IsOption(e)))
        {
            BpfFeatureResult found = BpfFeatures.Of(_kernel).CheckOption(option.Name);
            if (found.State != BpfFeatureState.Supported)
            {
                Tell($"Kernel option {option.Name}", found.State, found.Detail, option.Name);
            }
        }
    }

    private void CheckVariables()
    {
        foreach (BpfExternSpec variable in _spec.Externs.Where(static e => e is { Kind: BpfExternKind.Variable, IsWeak: false }))
        {
            BpfFeatureResult found = Find(variable.KernelName, BtfKind.Variable);
            if (found.State != BpfFeatureState.Supported)
            {
                Tell($"Kernel variable {variable.KernelName}", found.State, found.Detail, variable.Name);
            }
        }
    }

    private void CheckTargets()
    {
        foreach (BpfProgramSpec program in _spec.Programs.Where(program => _spec.IsWanted(program) && !program.Optional && program.Target is not null && IsOne(program)))
        {
            try
            {
                AttachTarget.Resolve(program, _running);
            }
            catch (BpfSyscallException reason)
            {
                Tell($"Target {program.Target}", reason is BpfFeatureNotSupportedException ? BpfFeatureState.Absent : BpfFeatureState.Refused, reason.Message, program.Name);
            }
        }
    }

    // The section of a multi program names a pattern.
    private static bool IsOne(BpfProgramSpec program) => AttachTarget.IsTyped(program) && program.Section.Attach != AttachKind.TraceMulti;

    private void Tell(string subject, BpfFeatureState state, string detail, string neededBy)
    {
        if (_told.Add((subject, neededBy)))
        {
            _missing.Add(new BpfPreflightFinding(subject, state, detail, neededBy));
        }
    }
}
