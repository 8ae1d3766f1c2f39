using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Loads programs of an object whose sections are all off, for kernels that may know only some of them.</summary>
internal static class HookPrograms
{
    /// <summary>Switches the chosen programs on and loads the object; skips where the kernel does not support programs of that kind, or refuses them to everyone; the smallest program of the kind shows which.</summary>
    internal static TLive Load<TSpec, TLive>(TSpec spec, Func<TSpec, TLive> load, params ReadOnlySpan<Func<TSpec, BpfProgramSpec>> choose)
    {
        BpfAttachType? securityHook = null;
        string section = "";
        foreach (Func<TSpec, BpfProgramSpec> one in choose)
        {
            BpfProgramSpec program = one(spec);
            program.Enabled = true;
            section = program.SectionName;
            if (section.StartsWith("lsm", StringComparison.Ordinal))
            {
                securityHook = program.ExpectedAttachType;
            }
            else
            {
                Assert.SkipWhen(Canary.Of(section).IsUnknown(), $"this kernel knows no program for {section}: EINVAL, before the verifier");
            }
        }

        try
        {
            return Canary.OrSkip(section, () => load(spec));
        }
        catch (BpfSyscallException absent) when (securityHook is { } hook && Absence.OfAttachType(hook).Explains(absent))
        {
            Absence.OfAttachType(hook).Skip(absent);
            throw;
        }
    }

    internal static CgroupHooks Load(CgroupHooks.Spec spec, params ReadOnlySpan<Func<CgroupHooks.Spec, BpfProgramSpec>> choose)
        => Load(spec, static one => one.Load(), choose);

    internal static NetworkHooks Load(NetworkHooks.Spec spec, params ReadOnlySpan<Func<NetworkHooks.Spec, BpfProgramSpec>> choose)
        => Load(spec, static one => one.Load(), choose);

    /// <summary>Attaches; skips where the kernel has no such thing, which was tried when it refused.</summary>
    internal static BpfProgramLink Attach(Func<BpfProgramLink> attach)
    {
        try
        {
            return attach();
        }
        catch (BpfFeatureNotSupportedException absent) when (Absence.OfFeature(absent) is { } absence)
        {
            absence.Skip(absent);
            throw;
        }
    }

    /// <summary>Attaches a program to the loopback of a namespace of the test's own: it counts each packet, and none once it is detached.</summary>
    internal static void CountOnLoopback(Func<NetworkHooks.Spec, BpfProgramSpec> choose, Func<NetworkHooks.ProgramSet, NetworkDevice, BpfProgramLink> attach)
        => Sandbox.WithNetwork(() =>
        {
            const int Packets = 20;
            using NetworkHooks hooks = Load(NetworkHooks.Open(), choose);
            BpfProgramLink link = Attach(() => attach(hooks.Programs, NetworkDevice.FromName("lo")));
            Stimuli.Datagrams(Packets);
            Assert.Equal((ulong)Packets, hooks.Globals.Hits);
            link.Dispose();
            Stimuli.Datagrams(Packets);
            Assert.Equal((ulong)Packets, hooks.Globals.Hits);
        });

    /// <summary>Skips where the kernel's own list of hooks has not this one: programs that are loaded without their hook do not show it.</summary>
    internal static void SkipUnlessNamed(string hook, string? otherwise = null)
        => Assert.SkipUnless(KernelNames.HasConstant("bpf_attach_type", hook), otherwise ?? $"this kernel's hooks have no {hook}");
}
