using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Clang.Diagnostics;

/// <summary>Explains what to do about a missing header: correct its name, set the property that generates the header, or install its package.</summary>
internal static class MissingHeader
{
    /// <summary>The property that generates <c>vmlinux.h</c>.</summary>
    public const string Vmlinux = "<BpfVmlinux>pruned</BpfVmlinux>";

    /// <summary>What makes vmlinux.h where there is a project.</summary>
    public const string VmlinuxOfProject = Vmlinux + " in the project makes it from this kernel's types, and #include \"vmlinux.h\" finds it";

    /// <summary>What makes it where there is none.</summary>
    public const string VmlinuxOfTool = "'hmbpf btf dump > vmlinux.h' in the folder of the C makes it from this kernel's types";

    private const string VmlinuxHeader = "vmlinux.h";
    private const string KernelHeaders = "(Debian, Ubuntu: apt install linux-libc-dev; Fedora: kernel-headers; Alpine: linux-headers; Arch: linux-api-headers)";
    private const string Internal = $"programs cannot include the kernel's internal headers: its structs come with {Vmlinux} and #include \"{VmlinuxHeader}\"";

    private static readonly Regex s_missing = new("^'(?<header>[^']+)' file not found", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    // The folder, the origin of its headers, and the message where the folder exists and lacks the header.
    private static readonly (string Folder, string Brings, string Lacks)[] s_folders =
    [
        ("bpf", "it comes with libbpf's headers (Debian, Ubuntu: apt install libbpf-dev; Fedora: libbpf-devel; Alpine: libbpf-dev; Arch: libbpf)", "libbpf's headers are installed, and have no header with that name; a newer libbpf-dev may have it"),
        ("linux", $"it comes with the kernel's headers for programs {KernelHeaders}", Internal),
        ("asm", $"it comes with the kernel's headers for programs {KernelHeaders}", Internal),
        ("net", Internal, Internal),
        ("trace", Internal, Internal),
        ("hypermesh", "it comes with the package Hypermesh.BpfSdk; this version has no header with that name", "the package Hypermesh.BpfSdk has no header with that name"),
    ];

    /// <summary>Returns the text, with a remedy when it is about a header.</summary>
    /// <param name="text">clang's text.</param>
    /// <param name="searched">Returns the folders in which headers are searched; called only where one is missing.</param>
    public static string Explain(string text, Func<IEnumerable<string>> searched)
    {
        Match match = s_missing.Match(text);
        return !match.Success ? text
            : Absent(searched()) is { Length: > 0 } absent ? KnownSentence.WithRemedy(text, $"there is no folder {string.Join(", ", absent)}: correct the BpfIncludePath item, or the metadata IncludePaths, that names it")
            : Remedy(match.Groups["header"].Value, [.. searched()]) is { } remedy ? KnownSentence.WithRemedy(text, remedy) : text;
    }

    // Folders that the project names; those of the machine may be absent.
    private static string[] Absent(IEnumerable<string> searched)
        => [.. searched.Where(static path => path.Length > 0 && !path.StartsWith("/usr/", StringComparison.Ordinal) && !Directory.Exists(path)).Distinct(StringComparer.Ordinal)];

    private static string? Remedy(string header, string[] searched)
    {
        int slash = header.LastIndexOf('/');
        string folder = slash < 0 ? "" : header.Substring(0, slash);
        string file = header.Substring(slash + 1);
        if (IsNear(file, VmlinuxHeader))
        {
            return $"{(file == VmlinuxHeader ? "" : $"did you mean \"{VmlinuxHeader}\"? ")}{VmlinuxOfProject}";
        }

        if (CLibrary.OfHeader(header) is { } library)
        {
            return library;
        }

        string[] there = [.. searched.Select(path => Path.Combine(path, folder)).Where(Directory.Exists)];
        if (Nearest(file, there) is { } near)
        {
            return $"did you mean <{(folder.Length == 0 ? near : $"{folder}/{near}")}>?";
        }

        foreach ((string known, _, _) in s_folders)
        {
            if (searched.Any(path => File.Exists(Path.Combine(path, known, file))))
            {
                return $"did you mean <{known}/{file}>?";
            }
        }

        // A folder within one of these counts as that folder: linux/sched/task.h is a header of the kernel too.
        (string, string Brings, string Lacks) row = Array.Find(s_folders, row => folder == row.Folder || folder.StartsWith(row.Folder + "/", StringComparison.Ordinal));
        return searched.Any(path => Directory.Exists(Path.Combine(path, folder.Split('/')[0]))) ? row.Lacks : row.Brings;
    }

    private static string? Nearest(string file, string[] folders)
    {
        var near = new NearNames(file);
        foreach (string path in folders.SelectMany(folder => Directory.EnumerateFiles(folder, "*.h")))
        {
            near.See(Path.GetFileName(path));
        }

        return near.Best.FirstOrDefault();
    }

    private static bool IsNear(string name, string wanted)
    {
        var near = new NearNames(name);
        near.See(wanted);
        return name == wanted || near.Best.Count > 0;
    }
}
