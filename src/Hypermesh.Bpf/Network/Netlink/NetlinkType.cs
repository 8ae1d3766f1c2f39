namespace Hypermesh.Bpf;

/// <summary>Kinds of message (<c>NLMSG_…</c>, <c>RTM_…</c>).</summary>
internal enum NetlinkType : ushort
{
    Error = 2,
    Done = 3,
    NewLink = 16,
    DeleteLink = 17,
    GetLink = 18,
    SetLink = 19,
    NewRoute = 24,
    DeleteRoute = 25,
    NewDiscipline = 36,
    DeleteDiscipline = 37,
    NewFilter = 44,
    DeleteFilter = 45,
    GetFilter = 46,
}
