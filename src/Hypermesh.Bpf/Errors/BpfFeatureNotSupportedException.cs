namespace Hypermesh.Bpf;

/// <summary>The running kernel has not what was asked for: too old, or built without it.</summary>
public sealed class BpfFeatureNotSupportedException : BpfSyscallException
{
    internal BpfFeatureNotSupportedException(
        string feature, string needs, string operation, BpfCommand? command, int errno, string? objectName = null, string? subjectName = null)
        : base($"{Subject(objectName, subjectName)}{feature} is not there: it needs {needs}.", operation, command, errno, objectName, subjectName)
    {
        Feature = feature;
        Needs = needs;
    }

    /// <summary>What is missing.</summary>
    public string Feature { get; }

    /// <summary>The kernel version or the build option that has it.</summary>
    public string Needs { get; }

    private static string Subject(string? objectName, string? subjectName)
        => subjectName is null ? "" : objectName is null ? $"{subjectName}: " : $"{subjectName} of {objectName}: ";
}
