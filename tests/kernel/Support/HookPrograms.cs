using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Loads programs of an object whose sections are all off, for kernels that may know only some of them.</summary>
internal static class HookPrograms
{
    /// <summary>Switches the chosen programs on and loads the object; skips where the kernel knows not the kind of one, tried by the smallest program of that kind, or, of security hooks, refuses them to everyone.</summary>
    internal static TLive Load<TSpec, TLive>(TSpec spec, Func<TSpec, TLive> load, params ReadOnlySpan<Func<TSpec, ProgramSpec>> choose)
    {
        BpfAttachType? securityHook = null;
        foreach (Func<TSpec, ProgramSpec> one in choose)
        {
            ProgramSpec program = one(spec);
            program.Enabled = true;
            bool isSecurityHook = program.SectionName.StartsWith("lsm", StringComparison.Ordinal);
            if (isSecurityHook)
            {
                securityHook = program.ExpectedAttachType;
            }
            else
            {
                SkipUnlessKnown(program);
            }
        }

        try
        {
            return load(spec);
        }
        catch (BpfPermissionException refused) when (securityHook is not null && refused.Refused == BpfRefusal.KernelPolicy)
        {
            Assert.Skip(refused.Message);
            throw;
        }
        catch (BpfSyscallException absent) when (securityHook is { } hook && Absence.OfAttachType(hook)(absent))
        {
            Assert.Skip(absent.Message);
            throw;
        }
    }

    internal static CgroupHooks Load(CgroupHooks.Spec spec, params ReadOnlySpan<Func<CgroupHooks.Spec, ProgramSpec>> choose)
        => Load(spec, static one => one.Load(), choose);

    internal static NetworkHooks Load(NetworkHooks.Spec spec, params ReadOnlySpan<Func<NetworkHooks.Spec, ProgramSpec>> choose)
        => Load(spec, static one => one.Load(), choose);

    /// <summary>Attaches; skips where the kernel has no such thing, which was tried when it refused.</summary>
    internal static BpfLink Attach(Func<BpfLink> attach)
    {
        try
        {
            return attach();
        }
        catch (BpfFeatureNotSupportedException absent) when (Absence.OfTriedFeature(absent))
        {
            Assert.Skip(absent.Message);
            throw;
        }
    }

    /// <summary>Attaches a program to the loopback of a namespace of the test's own: it counts each packet, and none once it is detached.</summary>
    internal static void CountOnLoopback(Func<NetworkHooks.Spec, ProgramSpec> choose, Func<NetworkHooks.ProgramSet, NetworkDevice, BpfLink> attach)
        => PrivateNamespace.WithNetwork(() =>
        {
            const int Packets = 20;
            using NetworkHooks hooks = Load(NetworkHooks.Open(), choose);
            BpfLink link = Attach(() => attach(hooks.Programs, NetworkDevice.FromName("lo")));
            Stimuli.Datagrams(Packets);
            Assert.Equal((ulong)Packets, hooks.Globals.Hits);
            link.Dispose();
            Stimuli.Datagrams(Packets);
            Assert.Equal((ulong)Packets, hooks.Globals.Hits);
        });

    /// <summary>Skips where the kernel's own list of hooks has not this one: programs that are loaded without their hook do not show it.</summary>
    internal static void SkipUnlessNamed(string hook, string? otherwise = null)
        => Assert.SkipUnless(KernelNames.HasConstant("bpf_attach_type", hook), otherwise ?? $"this kernel's hooks have no {hook}");

    private static void SkipUnlessKnown(ProgramSpec program)
    {
        ProgramLoadFlags flags = program.Section.Flags.HasFlag(Objects.Sections.SectionFlags.XdpFrags) ? ProgramLoadFlags.XdpHasFrags : ProgramLoadFlags.None;
        var code = new ProgramCode("smallest", program.Type, [Code.Move(0, 1), new BpfInstruction(BpfOpCode.Exit, 0, 0, 0, 0)])
        {
            License = "Dual BSD/GPL",
            ExpectedAttachType = program.ExpectedAttachType,
            Flags = flags,
        };
        ProgramLoader.Outcome outcome = ProgramLoader.Load(LinuxKernel.Instance, code);
        if (outcome.Result >= 0)
        {
            LinuxKernel.Instance.Close((int)outcome.Result);
            return;
        }

        Assert.SkipWhen(
            outcome.Result == -Errno.EINVAL && outcome.Log.Length == 0,
            $"this kernel knows no program of type {program.Type} for {program.SectionName}: EINVAL, before the verifier");
    }
}
