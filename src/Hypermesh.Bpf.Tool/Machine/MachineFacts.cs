using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Clang.Finding;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Tool.Machine;

/// <summary>The facts about the machine, read from the kernel. For a fact that cannot be read, the reason is given.</summary>
internal static class MachineFacts
{
    private const string NotMounted = "not mounted";

    internal static JsonObject Read() => new()
    {
        ["kernel"] = $"{Text("/proc/sys/kernel/osrelease")} {Text("/proc/sys/kernel/version")}",
        ["architecture"] = RuntimeInformation.ProcessArchitecture.ToString(),
        ["btf"] = Btf(),
        ["capabilities"] = CapabilitiesHeld(),
        ["unprivilegedBpfDisabled"] = Text("/proc/sys/kernel/unprivileged_bpf_disabled"),
        ["jit"] = Text("/proc/sys/net/core/bpf_jit_enable"),
        ["kptrRestrict"] = Text("/proc/sys/kernel/kptr_restrict"),
        ["perfEventParanoid"] = Text("/proc/sys/kernel/perf_event_paranoid"),
        ["lockdown"] = Security("lockdown"),
        ["securityModules"] = Security("lsm"),
        ["userNamespace"] = ProcessPrivileges.Read(Interop.LinuxKernel.Instance).InUserNamespace ? "its own: a BPF token is needed" : "initial",
        ["bpffs"] = Mounts("bpf"),
        ["tracefs"] = Mounts("tracefs"),
        ["cgroup2"] = Mounts("cgroup2"),
        ["clang"] = Clang(),
    };

    /// <summary>Returns whether a file system of that type is mounted anywhere.</summary>
    internal static bool IsMounted(string type) => Mounts(type) != NotMounted;

    private static string Btf()
    {
        try
        {
            using KernelBtf btf = KernelBtf.Borrow();
            return $"{btf.Types.Count} types in {KernelBtf.Path}";
        }
        catch (BpfException reason)
        {
            return reason.Message;
        }
    }

    // The clang that the build uses when the project names none.
    private static string Clang()
    {
        var search = ClangSearch.Run(
            ClangCandidate.All("", Variable("HYPERMESH_BPF_CLANG"), Variable("PATH"), Environment.CurrentDirectory), static path => ClangProbe.Ask(path, CancellationToken.None));
        return search.Found is { } clang ? $"{clang.Path} {clang.Release}"
            : search.PassedOver.Count == 0 ? "none found; needed to compile, not to load"
            : $"none that can be used: {search.Others}; needed to compile, not to load";

        static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
    }

    private static string CapabilitiesHeld()
    {
        if (ProcessPrivileges.Read(Interop.LinuxKernel.Instance).Effective is not { } held)
        {
            return "not known: /proc/self/status does not have it";
        }

        string names = CapabilityNames.Of(held);
        return names.Length > 0 ? names : "none of those that BPF uses";
    }

    // Without the file system the value is not known, which differs from an empty value.
    private static string Security(string file) => Mounts("securityfs") == NotMounted ? "not known: securityfs is not mounted" : Text("/sys/kernel/security/" + file);

    private static string Text(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception reason) when (reason is IOException or UnauthorizedAccessException)
        {
            return reason is FileNotFoundException or DirectoryNotFoundException ? "absent" : "not readable";
        }
    }

    // "… - type source options": the fields after the dash; the fifth field of the line is the mount point.
    private static string Mounts(string type)
    {
        string[] found =
        [
            .. File.ReadLines("/proc/self/mountinfo").Select(static line => line.Split(' '))
                .Where(fields => Array.IndexOf(fields, "-") is > 4 and int dash && fields[dash + 1] == type).Select(static fields => fields[4]),
        ];
        return found.Length == 0 ? NotMounted : string.Join(", ", found);
    }
}
