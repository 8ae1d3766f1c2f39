using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>What goes by number or concerns the whole machine is the administrator's; what is attached to something, the network's.</summary>
public sealed class ListPrivilegeTests : PrivilegeTest
{
    private static readonly Capabilities s_query = PrivilegeRow.From(5, 19, Capabilities.NetAdmin, Capabilities.Bpf | Capabilities.NetAdmin);
    private static readonly bool s_adminStandsForNetwork = PrivilegeRow.From(6, 9, then: true, before: false);

    private static readonly PrivilegeRow[] s_rows =
    [
        new("list of programs", Capabilities.SysAdmin, Uses.Running(static _ => Assert.NotEmpty(ObjectIds.Programs.List(Kernel, static program => program.IsClosed)))),
        new("list of maps", Capabilities.SysAdmin, Uses.Running(static _ => Assert.NotEmpty(BpfMapInfo.List()))),
        new("list of links", Capabilities.SysAdmin, Uses.Running(static _ => Assert.NotEmpty(BpfLinkInfo.List()))),
        new("list of BTF", Capabilities.SysAdmin, Uses.Running(static _ => Assert.NotEmpty(BpfBtfInfo.List()))),
        new("program by number", Capabilities.SysAdmin, ById(static live => live.Programs.Emit.Id, static id => BpfOpenedProgram.OpenId(id).Dispose())),
        new("map by number", Capabilities.SysAdmin, ById(static live => live.Maps.Counts.Id, static id => BpfMapHandle.OpenId(id).Dispose())),
        new("link by number", Capabilities.SysAdmin, ById(static live => live.Programs.Emit.Links[0].GetInfo().Id, static id => BpfLinkInfo.FromId(id))),
        new("types of modules", Capabilities.SysAdmin, static () =>
        {
            KernelBtf kernel = KernelBtf.Acquire();
            return new Prepared(
                () =>
                {
                    using ModuleTypes modules = ModuleTypes.Load(Kernel, kernel.Types);
                    if (modules.Refused is { } refused)
                    {
                        throw refused;
                    }
                },
                kernel);
        }),
        new("run statistics", Capabilities.SysAdmin, static () => new Prepared(static () => BpfStatistics.Enable().Dispose())),
        new("programs of a control group", s_query, Uses.LoadedInGroup("create", static (_, group) => group.Group.Query(BpfAttachType.CGroupInetSockCreate)))
            { AdminStandsForNetwork = s_adminStandsForNetwork },
    ];

    public static TheoryData<string> Rows => PrivilegeRow.Data("by number, and of the machine", s_rows);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_stated_capabilities_suffice_and_each_of_them_is_needed(string what) => Prove(s_rows, what);

    private static Func<Prepared> ById(Func<Privileged, uint> find, Action<uint> open) => () =>
    {
        Privileged live = Uses.Load("emit");
        live.Attach();
        uint id = find(live);
        return new Prepared(() => open(id), live);
    };
}
