using System.Text.RegularExpressions;

namespace Hypermesh.BpfSdk.Tasks.Diagnostics;

/// <summary>Where the headers come from that kernel programs include and a machine may lack.</summary>
internal static class MissingHeader
{
    private static readonly Regex s_missing = new("^'(?<header>[^']+)' file not found", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static readonly (string Prefix, string Remedy)[] s_remedies =
    [
        ("bpf/", "it comes with libbpf's headers (Debian, Ubuntu: apt install libbpf-dev; Fedora: libbpf-devel; Alpine: libbpf-dev; Arch: libbpf)"),
        ("linux/", "it comes with the kernel's headers for programs (Debian, Ubuntu: apt install linux-libc-dev; Fedora: kernel-headers; Alpine: linux-headers; Arch: linux-api-headers)"),
        ("asm/", "it comes with the kernel's headers for programs (Debian, Ubuntu: apt install linux-libc-dev; Fedora: kernel-headers; Alpine: linux-headers; Arch: linux-api-headers)"),
        ("hypermesh/", "it comes with the package Hypermesh.BpfSdk; this version has none of that name"),
        ("vmlinux.h", "it is made from a kernel's BTF: bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h"),
    ];

    /// <summary>The text, with what to do when it is about a header of these.</summary>
    public static string Explain(string text)
    {
        Match match = s_missing.Match(text);
        string header = match.Groups["header"].Value;
        string? remedy = s_remedies.FirstOrDefault(row => match.Success && header.StartsWith(row.Prefix, StringComparison.Ordinal)).Remedy;
        return remedy is null ? text : $"{text}; {remedy}";
    }
}
