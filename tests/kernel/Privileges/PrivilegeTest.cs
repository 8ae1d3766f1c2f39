using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Proves a row: what is stated suffices, each of it is missed and named, with nothing else held and with everything else, and CAP_SYS_ADMIN alone gives what it stands for.</summary>
public abstract class PrivilegeTest : KernelTest
{
    private static readonly Capabilities s_everything = ProcessPrivileges.Read(Kernel).Effective!.Value;

    private protected static void Prove(IEnumerable<PrivilegeRow> rows, string what)
    {
        PrivilegeRow row = rows.Single(one => one.What == what);
        if (row.Feature is { } feature)
        {
            Needs(feature);
        }

        Sandbox.WithNetwork(() => Sandbox.WithTracing(() =>
        {
            AssertPossible(row);
            Do(row, row.Needs);
            foreach (Capabilities one in Parts(row.Needs))
            {
                // The administrator's place is taken by all it stands for but itself.
                AssertRefused(row, one == Capabilities.SysAdmin ? (row.Needs | Given(row)) & ~one : row.Needs & ~one, one);
                AssertRefused(row, s_everything & ~(one | Standing(one, row)), one);
            }

            Capabilities missing = row.Needs & ~Given(row);
            if (missing == Capabilities.None)
            {
                Do(row, Capabilities.SysAdmin);
            }
            else
            {
                AssertRefused(row, Capabilities.SysAdmin, missing);
            }
        }));
    }

    private protected static IEnumerable<Capabilities> Parts(Capabilities set) => Enum.GetValues<Capabilities>().Where(one => one != Capabilities.None && set.HasFlag(one));

    // What root cannot do here either is no question of capabilities.
    private static void AssertPossible(PrivilegeRow row)
    {
        try
        {
            using Prepared prepared = row.Prepare();
            prepared.Act();
        }
        catch (BpfFeatureNotSupportedException absent) when (Absence.OfFeature(absent) is { } absence)
        {
            absence.Skip(absent);
        }
        catch (BpfFeatureNotSupportedException) when (row.NeedsKProbes && !KernelFacts.HasKProbes)
        {
            Assert.Skip("this kernel has no kprobes");
        }
        catch (BpfSyscallException absent) when (row.Hook is { } hook && Absence.OfAttachType(hook).Explains(absent))
        {
            Absence.OfAttachType(hook).Skip(absent);
        }
        catch (BpfPermissionException refused) when (row.Section is { } section && Canary.Of(section).IsRefusedLike(refused))
        {
            Assert.Skip(Canary.Of(section).Reason(refused.Errno));
        }
    }

    private static void Do(PrivilegeRow row, Capabilities held)
    {
        using Prepared prepared = row.Prepare();
        LimitedThread.Run(held, row.AsNobody, prepared.Act);
    }

    private static void AssertRefused(PrivilegeRow row, Capabilities held, Capabilities missing)
    {
        using Prepared prepared = row.Prepare();
        BpfPermissionException refused;
        try
        {
            refused = Assert.Throws<BpfPermissionException>(() => LimitedThread.Run(held, row.AsNobody, prepared.Act));
        }
        catch (Xunit.Sdk.XunitException wrong)
        {
            throw new InvalidOperationException($"{row.What} without {CapabilityNames.Of(missing)}, with {(ulong)held:x}: {wrong.Message}", wrong);
        }

        BpfRefusal behind = missing == Capabilities.SysResource ? BpfRefusal.ResourceLimit : BpfRefusal.Capability;
        Assert.Equal((behind, CapabilityNames.Of(missing), row.What), (refused.Refused, refused.MissingCapability, row.What));
        Assert.Contains(CapabilityNames.Of(missing), refused.Message, StringComparison.Ordinal);
    }

    private static Capabilities Standing(Capabilities one, PrivilegeRow row)
        => Given(row).HasFlag(one) && one != Capabilities.SysAdmin ? Capabilities.SysAdmin : Capabilities.None;

    private static Capabilities Given(PrivilegeRow row)
        => Capabilities.SysAdmin | Capabilities.Bpf | Capabilities.PerfMon | (row.AdminStandsForNetwork ? Capabilities.NetAdmin : Capabilities.None);
}
