namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>The kernel this process runs on.</summary>
public static class RunningKernel
{
    /// <summary>Where its types are.</summary>
    public const string BtfFile = "/sys/kernel/btf/vmlinux";

    /// <summary>Version and patch level, such as 7.2: what a structure's layout may depend on.</summary>
    public static string Release => string.Join('.', File.ReadAllText("/proc/sys/kernel/osrelease").Split('.')[..2]);
}
