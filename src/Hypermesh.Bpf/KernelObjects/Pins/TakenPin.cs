using Hypermesh.Bpf.KernelObjects.Links;

namespace Hypermesh.Bpf.KernelObjects.Pins;

/// <summary>Describes the object pinned at a path that is already taken, and what to do about it. It opens the pin, because the BPF file system does not name the objects.</summary>
internal static unsafe class TakenPin
{
    // Link types whose program the kernel can replace.
    private static readonly HashSet<BpfLinkType> s_updated =
        [BpfLinkType.CGroup, BpfLinkType.Iterator, BpfLinkType.NetworkNamespace, BpfLinkType.Xdp, BpfLinkType.Tcx, BpfLinkType.Netkit, BpfLinkType.SockMap];

    internal static string Describe(IKernel kernel, string path)
    {
        string remove = $"remove it first (rm {path})";
        using BpfHandle? handle = ObjectPins.TryOpen(kernel, path, out _);
        try
        {
            return handle is null ? $"The path is taken by an object that cannot be opened: use another path, or {remove}." : Describe(handle, path, remove);
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
                ? $"{what} To replace its program, open it with BpfLinkHandle.OpenPinned(\"{path}\") and call Update; to end it, {Unpin(path, remove)}."
                : $"{what} The program of a link of this type cannot be replaced: attach the new program, {Unpin(path, remove)}, and pin again.";
        }

        if (ObjectKind.Map.Is(handle))
        {
            RawMapInfo map = ObjectInfo.Map(handle);
            return $"Map {KernelText.Name(map.Name)} (ID {map.Id}) is pinned there: to use it, open it with BpfMapHandle.OpenPinned(\"{path}\") and pass it to the load in"
                + $" BpfLoadOptions.ReplacedMaps; to replace it, {remove}.";
        }

        RawProgramInfo program = ObjectInfo.Program(handle);
        return $"Program {KernelText.Name(program.Name)} (ID {program.Id}) is pinned there: to use it, open it with BpfOpenedProgram.OpenPinned(\"{path}\"); to replace it, {remove}.";
    }

    private static string Unpin(string path, string remove) => $"open it with BpfLinkHandle.OpenPinned(\"{path}\") and call Unpin(\"{path}\"), or {remove}";
}
