using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>The kernel's information about a program (4.13). Fields that the kernel does not support yet are 0.</summary>
public readonly record struct BpfProgramInfo
{
    internal unsafe BpfProgramInfo(RawProgramInfo info)
    {
        Id = info.Id;
        Type = (BpfProgramType)info.Type;
        Name = KernelText.Name(info.Name);
        Tag = Convert.ToHexStringLower(new ReadOnlySpan<byte>(info.Tag, 8));
        LoadTime = TimeSpan.FromTicks((long)(info.LoadTime / TimeSpan.NanosecondsPerTick));
        RunTimeNs = info.RunTimeNs;
        RunCount = info.RunCnt;
        RecursionMisses = info.RecursionMisses;
        VerifiedInstructions = info.VerifiedInsns;
        TranslatedSize = info.XlatedProgLen;
        CompiledSize = info.JitedProgLen;
        BtfId = info.BtfId;
        CreatedByUser = info.CreatedByUid;
        MapCount = (int)info.NrMapIds;
        AttachBtfObjectId = info.AttachBtfObjId;
        AttachBtfId = (int)info.AttachBtfId;
        InterfaceIndex = (int)info.Ifindex;
        IsGplCompatible = (info.GplCompatibleBits & 1) != 0;
    }

    /// <summary>The kernel's ID of the program.</summary>
    public uint Id { get; }

    /// <summary>The type of program.</summary>
    public BpfProgramType Type { get; }

    /// <summary>Its name, of which the kernel keeps 15 bytes (4.15).</summary>
    public string Name { get; }

    /// <summary>The kernel's hash of its instructions, 16 hexadecimal digits.</summary>
    public string Tag { get; }

    /// <summary>The time of the load, since boot (CLOCK_BOOTTIME).</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>Nanoseconds it ran while statistics were enabled (5.1).</summary>
    public ulong RunTimeNs { get; }

    /// <summary>How often it ran while statistics were enabled (5.1).</summary>
    public ulong RunCount { get; }

    /// <summary>How often it was skipped because it was already running on that CPU (5.12).</summary>
    public ulong RecursionMisses { get; }

    /// <summary>The number of instructions that the verifier processed (5.16).</summary>
    public uint VerifiedInstructions { get; }

    /// <summary>Size in bytes after the verifier.</summary>
    public uint TranslatedSize { get; }

    /// <summary>Size in bytes of the machine code; 0 if it is interpreted.</summary>
    public uint CompiledSize { get; }

    /// <summary>The kernel's ID of its BTF; 0 for none.</summary>
    public uint BtfId { get; }

    /// <summary>The user who loaded it.</summary>
    public uint CreatedByUser { get; }

    /// <summary>The number of maps it uses (4.15); <see cref="BpfProgram.ReadMapIds"/> returns their IDs.</summary>
    public int MapCount { get; }

    /// <summary>The kernel's ID of the BTF that has its target (5.18); 0 without a target or before 5.18.</summary>
    public uint AttachBtfObjectId { get; }

    /// <summary>The ID of its target's type in that BTF; 0 for none.</summary>
    public int AttachBtfId { get; }

    /// <summary>The network device it is offloaded to or bound to, 0 for none.</summary>
    public int InterfaceIndex { get; }

    /// <summary>True if its license allows GPL-only helpers (4.18).</summary>
    public bool IsGplCompatible { get; }

    /// <summary>Lists all programs of the machine, in the order of the IDs. A program that is unloaded meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy denies the call.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfProgramInfo> List() => ObjectIds.Programs.List(LinuxKernel.Instance, static handle => new BpfProgramInfo(ObjectInfo.Program(handle)));
}

/// <summary>How often a program ran, and how often it was skipped: the part of <see cref="BpfProgramInfo"/> that changes.</summary>
/// <param name="RunTimeNs">Nanoseconds it ran while <see cref="BpfStatistics"/> were enabled (5.1).</param>
/// <param name="RunCount">How often it ran while <see cref="BpfStatistics"/> were enabled (5.1).</param>
/// <param name="RecursionMisses">How often the kernel skipped it because it was already running on that CPU (5.12; 0 before). Always counted.</param>
public readonly record struct BpfRunStatistics(ulong RunTimeNs, ulong RunCount, ulong RecursionMisses);
