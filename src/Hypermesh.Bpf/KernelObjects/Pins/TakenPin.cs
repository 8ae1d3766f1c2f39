using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf.KernelObjects.Pins;

/// <summary>What is pinned at a path that a new pin does not get, and what to do about it. The directories of the BPF file system name no object, so it is opened.</summary>
internal static unsafe class TakenPin
{
    // Links whose kind has an update in the kernel.
    private static readonly HashSet<BpfLinkType> s_updated =
        [BpfLinkType.CGroup, BpfLinkType.Iterator, BpfLinkType.NetworkNamespace, BpfLinkType.Xdp, BpfLinkType.Tcx, BpfLinkType.Netkit, BpfLinkType.SockMap];

    internal static string Describe(IKernel kernel, string path)
    {
        string remove = $"remove it first (rm {path})";
        using BpfHandle? handle = ObjectPins.TryOpen(kernel, path, out _);
        try
        {
            return handle is null ? $"The path is taken by something that cannot be opened: use another path, or {remove}." : Describe(handle, path, remove);
        }
        catch (BpfException)
        {
            return $"The path is taken: use another one, or {remove}.";
        }
    }

    private static string Describe(BpfHandle handle, string path, string remove)
    {
        if (ObjectKind.Link.Is(handle))
        {
            BpfLinkInfo link = LinkInfoReader.Read(handle);
            string what = $"Link {link.Id} ({link.Type}, {link.Target}) of program {link.ProgramId} is pinned there and attached.";
            return s_updated.Contains(link.Type)
                ? $"{what} To give it another program, open it with BpfLinkHandle.OpenPinned(\"{path}\") and call Update; to end it, {Unpin(path, remove)}."
                : $"{what} A link of this kind keeps its program: to replace it, attach the new program, {Unpin(path, remove)}, and pin again.";
        }

        if (ObjectKind.Map.Is(handle))
        {
            RawMapInfo map = ObjectInfo.Map(handle);
            return $"Map {KernelText.Name(map.Name)} (ID {map.Id}) is pinned there: to use it, open it with BpfMapHandle.OpenPinned(\"{path}\") and give it to the load in"
                + $" BpfLoadOptions.ReplacedMaps; to replace it, {remove}.";
        }

        RawProgramInfo program = ObjectInfo.Program(handle);
        return $"Program {KernelText.Name(program.Name)} (ID {program.Id}) is pinned there: to use it, open it with BpfOpenedProgram.OpenPinned(\"{path}\"); to replace it, {remove}.";
    }

    private static string Unpin(string path, string remove) => $"open it with BpfLinkHandle.OpenPinned(\"{path}\") and call Unpin(\"{path}\"), or {remove}";
}
