using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf;

/// <summary>What the kernel says about a program (4.13; each field from the kernel it came with, 0 before).</summary>
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

    /// <summary>The kernel's number of the program.</summary>
    public uint Id { get; }

    /// <summary>The kind of program.</summary>
    public BpfProgramType Type { get; }

    /// <summary>Its name, of which the kernel keeps 15 bytes (4.15).</summary>
    public string Name { get; }

    /// <summary>The kernel's hash of its instructions, 16 hexadecimal digits.</summary>
    public string Tag { get; }

    /// <summary>When it was loaded, since boot (CLOCK_BOOTTIME).</summary>
    public TimeSpan LoadTime { get; }

    /// <summary>Nanoseconds it ran while statistics were on (5.1).</summary>
    public ulong RunTimeNs { get; }

    /// <summary>How often it ran while statistics were on (5.1).</summary>
    public ulong RunCount { get; }

    /// <summary>How often it was not run because it was running already on that CPU (5.12).</summary>
    public ulong RecursionMisses { get; }

    /// <summary>Instructions the verifier went through (5.16).</summary>
    public uint VerifiedInstructions { get; }

    /// <summary>Size in bytes after the verifier.</summary>
    public uint TranslatedSize { get; }

    /// <summary>Size in bytes of the machine code, 0 where it is interpreted.</summary>
    public uint CompiledSize { get; }

    /// <summary>The kernel's number of its BTF, 0 without.</summary>
    public uint BtfId { get; }

    /// <summary>The user who loaded it.</summary>
    public uint CreatedByUser { get; }

    /// <summary>How many maps it uses (4.15); <see cref="BpfProgram.ReadMapIds"/> has their numbers.</summary>
    public int MapCount { get; }

    /// <summary>The kernel's number of the BTF its target is in (5.18), 0 without a target or before.</summary>
    public uint AttachBtfObjectId { get; }

    /// <summary>Its target's type in that BTF, 0 without.</summary>
    public int AttachBtfId { get; }

    /// <summary>The network device it is offloaded to or bound to, 0 for none.</summary>
    public int InterfaceIndex { get; }

    /// <summary>True when its license allows the helpers kept for the GPL (4.18).</summary>
    public bool IsGplCompatible { get; }

    /// <summary>All programs of the machine, by number. One that ends meanwhile is left out. Needs CAP_SYS_ADMIN.</summary>
    /// <exception cref="BpfPermissionException">The capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static IReadOnlyList<BpfProgramInfo> List() => ObjectIds.Programs.List(LinuxKernel.Instance, static handle => new BpfProgramInfo(ObjectInfo.Program(handle)));
}

/// <summary>How often a program ran, and how often it was skipped: the part of <see cref="BpfProgramInfo"/> that changes.</summary>
/// <param name="RunTimeNs">Nanoseconds it ran while <see cref="BpfStatistics"/> were on (5.1).</param>
/// <param name="RunCount">How often it ran while <see cref="BpfStatistics"/> were on (5.1).</param>
/// <param name="RecursionMisses">How often the kernel skipped it because it was running already on that CPU (5.12; 0 before). Always counted.</param>
public readonly record struct BpfRunStatistics(ulong RunTimeNs, ulong RunCount, ulong RecursionMisses);
