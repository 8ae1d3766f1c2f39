using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Compatibility;

namespace Hypermesh.Bpf.Monitoring.Readings;

/// <summary>A monitor's object with the hooks that were chosen for this kernel, loaded and not yet attached.</summary>
/// <param name="Base">The programs and maps.</param>
/// <param name="Plan">The choices.</param>
/// <param name="Hooks">One for each choice.</param>
/// <param name="Open">Opens another version of the object, with the same choices.</param>
internal record LoadedMonitor(BpfSkeleton Base, HookPlan Plan, IReadOnlyList<MonitorHook> Hooks, Func<BpfObjectSpec, BpfSkeletonSpec> Open)
{
    /// <summary>Whether it stays for a successor.</summary>
    internal bool Stays { get; init; }

    /// <summary>Whether the programs of a predecessor were taken over.</summary>
    internal bool IsAdopted => Base.Live.Adopted is not null;

    /// <summary>Whether all maps and variables of a predecessor were taken over as they are.</summary>
    internal bool KeepsCounts => Base.Live.Adopted is { } adopted && !adopted.Maps.Any(static map => map is { IsKept: false, Aside: not null } && !map.Name.StartsWith(".rodata", StringComparison.Ordinal));

    /// <summary>Returns the program that was chosen for a hook.</summary>
    internal BpfProgram ProgramOf(string hook) => ProgramNamed(Plan[hook].Option!.Program!);

    /// <summary>Attaches the chosen programs, in the order of the chains. One that is not required and is refused becomes absent.</summary>
    internal void Attach()
    {
        for (int i = 0; i < Hooks.Count; i++)
        {
            if (Plan.Choices[i] is { Option.Program: { } name } choice)
            {
                try
                {
                    Attach(ProgramNamed(name));
                }
                catch (BpfException exception) when (!choice.Chain.Required)
                {
                    Hooks[i].Refuse(exception.Message);
                }
            }
        }
    }

    /// <summary>The version that was loaded.</summary>
    internal required BpfObjectSpec Version { get; init; }

    /// <summary>Says why the maps and variables of another version would not be those of this one; null if they would.</summary>
    internal string? DifferenceTo(BpfObjectSpec other)
    {
        if (ObjectInterface.Differences(other, Version).Concat(ObjectInterface.Differences(Version, other)).FirstOrDefault() is { } difference)
        {
            return difference;
        }

        return Version.Maps.FirstOrDefault(map => other.Map(map.Name).MaxEntries != map.MaxEntries) is { } resized ? $"map '{resized.Name}' has {other.Map(resized.Name).MaxEntries} entries and had {resized.MaxEntries}" : null;
    }

    /// <summary>Ends a monitor whose start has failed. What a predecessor had left stays.</summary>
    internal void Undo(KernelMonitor? monitor)
    {
        try
        {
            if (Stays && !IsAdopted)
            {
                Base.Live.Withdraw();
            }
        }
        catch (BpfException)
        {
            // The start reports why it failed. The next one takes these programs over.
        }
        finally
        {
            monitor?.Dispose();
            Base.Dispose();
        }
    }

    private BpfProgram ProgramNamed(string name) => Base.Live.Programs.First(program => program.Name == name);

    // XDP and TC are attached by their monitor, which knows the interface.
    private static void Attach(BpfProgram program)
    {
        switch (program)
        {
            case BpfTracingProgram tracing: tracing.Attach(); break;
            case BpfRawTracepointProgram raw: raw.Attach(); break;
            case BpfTracepointProgram classic: classic.Attach(); break;
            case BpfIteratorProgram iterator: iterator.Attach(); break;
        }
    }
}

/// <summary>A loaded monitor whose programs and maps have their types.</summary>
internal sealed record LoadedMonitor<TSkeleton>(TSkeleton Skeleton, HookPlan Plan, IReadOnlyList<MonitorHook> Hooks, Func<BpfObjectSpec, BpfSkeletonSpec> Open) : LoadedMonitor(Skeleton, Plan, Hooks, Open)
    where TSkeleton : BpfSkeleton;

/// <summary>Chooses a monitor's hooks and loads its object with them.</summary>
internal static class MonitorLoader
{
    /// <summary>Loads an object with the best hooks this kernel has. Where the kernel refuses a program, the next way of its chain is tried.</summary>
    /// <param name="monitor">The monitor's name, for messages.</param>
    /// <param name="chains">The hooks.</param>
    /// <param name="options">The options of the monitor.</param>
    /// <param name="open">Opens the object, or another version of it.</param>
    /// <param name="configure">Changes the spec; called after the programs were chosen.</param>
    /// <param name="load">Loads the object.</param>
    /// <exception cref="BpfException">A required hook is not possible here, or the load failed.</exception>
    internal static LoadedMonitor<TSkeleton> Load<TSpec, TSkeleton>(
        string monitor, IReadOnlyList<HookChain> chains, MonitorOptions options, Func<BpfObjectSpec?, TSpec> open, Action<TSpec, HookPlan> configure, Func<TSpec, BpfLoadOptions, TSkeleton> load)
        where TSpec : BpfSkeletonSpec
        where TSkeleton : BpfSkeleton
    {
        HookFacts facts = options.ReadFacts();

        // Held until the end of the load, which reads the kernel's types again.
        using KernelBtf kernel = KernelBtf.Acquire();
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);

        // Before a predecessor's programs are replaced it has to be known which ones the kernel accepts: the others would be detached meanwhile.
        bool tries = options.Pins is not null;
        while (true)
        {
            HookPlan plan = Choose(monitor, Without(chains, refused), kernel.Types, facts);
            TSpec Open(BpfObjectSpec? version)
            {
                TSpec spec = open(version);
                Enable(spec.Object, chains, plan);
                configure(spec, plan);
                return spec;
            }

            TSpec first = Open(null);
            TSkeleton skeleton = load(first, options.Load ?? new BpfLoadOptions { LoggerFactory = options.LoggerFactory, Reloadable = options.Reloadable, Handover = tries ? null : options.Pins });
            if (skeleton.Refused.Count == 0 && !tries)
            {
                return new LoadedMonitor<TSkeleton>(skeleton, plan, [.. plan.Choices.Select(choice => ToHook(choice, chains, refused))], Open) { Version = first.Object, Stays = options.Pins is not null };
            }

            tries &= skeleton.Refused.Count > 0;
            foreach ((string program, BpfException reason) in skeleton.Refused)
            {
                refused[program] = reason.Message;
            }

            skeleton.Dispose();
        }
    }

    private static HookPlan Choose(string monitor, IReadOnlyList<HookChain> chains, BtfTypes kernel, HookFacts facts)
    {
        HookPlan plan = HookPlan.Resolve(chains, kernel, facts);
        return plan.Choices.FirstOrDefault(static choice => choice is { Option: null, Chain.Required: true }) is { } missing
            ? throw new BpfException($"the {monitor} monitor cannot run here without hook {missing.Chain.Name}: {missing.Reason}", monitor, null)
            : plan;
    }

    private static IReadOnlyList<HookChain> Without(IReadOnlyList<HookChain> chains, Dictionary<string, string> refused)
        => refused.Count == 0 ? chains : [.. chains.Select(chain => chain with { Options = [.. chain.Options.Where(option => !refused.ContainsKey(option.Program))] })];

    // A program that is not required, or that another can replace, may be refused.
    private static void Enable(BpfObjectSpec spec, IReadOnlyList<HookChain> chains, HookPlan plan)
    {
        foreach (HookChain chain in chains)
        {
            foreach (HookOption option in chain.Options)
            {
                BpfProgramSpec program = spec.Program(option.Program);
                program.Enabled = plan.Uses(option.Program);
                program.Optional = !chain.Required || chain.Options[^1] != option;
            }
        }
    }

    private static MonitorHook ToHook(HookChoice choice, IReadOnlyList<HookChain> chains, Dictionary<string, string> refused)
    {
        IEnumerable<string> byKernel = chains.First(chain => chain.Name == choice.Chain.Name).Options
            .Where(option => refused.ContainsKey(option.Program))
            .Select(option => $"{option.Source.Name()}: {refused[option.Program]}");
        string reason = string.Join("; ", byKernel.Concat(choice.Reason is null ? [] : [choice.Reason]));
        return new MonitorHook(choice.Chain.Name, choice.Option?.Source, reason.Length > 0 ? reason : null);
    }
}
