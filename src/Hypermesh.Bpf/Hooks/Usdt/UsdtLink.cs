using System.Runtime.InteropServices;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Objects.Usdt;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.Usdt;

/// <summary>
/// A static probe: user probes at all its places, each with the spec ID by which the program finds its arguments. One uprobe.multi link if the kernel
/// supports it (6.6), else one probe for each place. The spec ID is their cookie (5.15); before that, a map finds it by the place's address.
/// </summary>
internal static class UsdtLink
{
    internal static LinkBundle Open(
        in LinkRequest request, int program, BpfAttachType type, UsdtMaps maps, UserBinary binary, string provider, string name, UsdtOptions options)
    {
        IReadOnlyList<UsdtTarget> targets = Find(request, binary, provider, name);
        var bundle = new LinkBundle();
        try
        {
            int[] numbers = Describe(request, bundle, maps, targets, $"{provider}:{name} of {binary.Path}", options.Cookie);
            if (type == BpfAttachType.TraceUProbeMulti)
            {
                bundle.Add(UProbeMultiLink.Open(request, program, type, binary.Path, isReturn: false, [.. targets.Select(static target => target.FileOffset)], new UProbeMultiOptions
                {
                    ProcessId = options.ProcessId,
                    Cookies = [.. numbers.Select(static number => (ulong)number)],
                    ReferenceCounterOffsets = [.. targets.Select(static target => target.SemaphoreOffset)],
                }));
            }
            else
            {
                Attach(request, program, bundle, maps, binary, targets, numbers, options);
            }

            return bundle;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, bundle);
            throw;
        }
    }

    private static IReadOnlyList<UsdtTarget> Find(in LinkRequest request, UserBinary binary, string provider, string name)
    {
        IReadOnlyList<UsdtTarget> targets = UsdtNotes.Find(binary.File, provider, name);
        if (targets.Count > 0)
        {
            return targets;
        }

        string[] there = [.. UsdtNotes.Read(binary.File).Select(static note => $"{note.Provider}:{note.Name}").Distinct().Order(StringComparer.Ordinal).Take(10)];
        throw request.Absent(
            $"Static probe {provider}:{name} of {binary.Path}",
            there.Length == 0 ? "a file that was built with static probes; this one has none" : $"a file that has it; this one has {string.Join(", ", there)}",
            ".note.stapsdt", Errno.ENOENT);
    }

    // Places with the same arguments share a spec ID.
    private static int[] Describe(in LinkRequest request, LinkBundle bundle, UsdtMaps maps, IReadOnlyList<UsdtTarget> targets, string what, ulong cookie)
    {
        UsdtArchitecture architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? UsdtArchitecture.Arm64 : UsdtArchitecture.X64;
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] numbers = new int[targets.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            string arguments = targets[i].Arguments;
            if (!known.TryGetValue(arguments, out numbers[i]))
            {
                UsdtMaps.Entry entry = maps.Add(request, maps.Layout.Write(UsdtArguments.Parse(arguments, architecture, what), cookie, what));
                bundle.Add(entry);
                known[arguments] = numbers[i] = entry.Number;
            }
        }

        return numbers;
    }

    private static void Attach(
        in LinkRequest request, int program, LinkBundle bundle, UsdtMaps maps, UserBinary binary, IReadOnlyList<UsdtTarget> targets, int[] numbers, UsdtOptions options)
    {
        bool hasCookies = KernelFeatures.AttachCookie.Has(request.Kernel);
        for (int i = 0; i < targets.Count; i++)
        {
            if (!hasCookies)
            {
                bundle.Add(maps.AddAddress(request, Address(request, binary, targets[i], options.ProcessId), numbers[i]));
            }

            bundle.Add(UProbeLink.Open(request, program, binary.Path, targets[i].FileOffset, isReturn: false, new UProbeOptions
            {
                ProcessId = options.ProcessId,
                Cookie = hasCookies ? (ulong)numbers[i] : 0,
                ReferenceCounterOffset = targets[i].SemaphoreOffset,
            }));
        }
    }

    private static ulong Address(in LinkRequest request, UserBinary binary, UsdtTarget target, int? process)
        => !binary.File.IsShared ? target.Address
            : process is { } one ? ProcessMaps.AddressOf(request, one, binary.Path, target.FileOffset)
            : throw request.Absent("A static probe of a library in all processes", "Linux 5.15; before that, name one process", "cookie", Errno.EINVAL);
}
