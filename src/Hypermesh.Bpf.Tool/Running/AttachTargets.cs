namespace Hypermesh.Bpf.Tool.Running;

/// <summary>A program that is named on the command line, and where it is attached.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Target">The target; null for that of its section.</param>
internal sealed record AttachChoice(string Program, string? Target)
{
    /// <summary>Reads PROGRAM or PROGRAM=TARGET.</summary>
    internal static AttachChoice Read(string word)
    {
        int at = word.IndexOf('=', StringComparison.Ordinal);
        return at < 0 ? new(word, null) : new(word[..at], word[(at + 1)..]);
    }
}

/// <summary>Attaches programs to targets from the command line, by the kind of program.</summary>
internal static class AttachTargets
{
    private const char Separator = ':';

    // What is written for each kind, and how it is attached.
    private static readonly (Type Kind, string Form, Action<BpfProgram, string> Attach)[] s_kinds =
    [
        Kind<BpfXdpProgram>("DEVICE", static (program, text) => program.Attach(NetworkDevice.FromName(text))),
        Kind<BpfTcxProgram>("DEVICE", static (program, text) => program.Attach(NetworkDevice.FromName(text))),
        Kind<BpfSchedClassifierProgram>("DEVICE:ingress or DEVICE:egress", static (program, text) => Last(text, static (device, way) => (NetworkDevice.FromName(device), Direction(way))) is var (device, direction) ? program.Attach(device, direction) : null),
        Kind<BpfKProbeProgram>("FUNCTION", static (program, text) => program.Attach(text)),
        Kind<BpfKProbeMultiProgram>("PATTERN", static (program, text) => program.Attach(text)),
        Kind<BpfUProbeProgram>("FILE:FUNCTION", static (program, text) => Last(text, static (file, function) => (file, function)) is var (file, function) ? program.Attach(file, function) : null),
        Kind<BpfUProbeMultiProgram>("FILE:PATTERN", static (program, text) => Last(text, static (file, pattern) => (file, pattern)) is var (file, pattern) ? program.Attach(file, pattern) : null),
        Kind<BpfCGroupProgram>("FOLDER of a control group", static (program, text) =>
        {
            using ControlGroup? group = Group(text);
            return group is null ? null : program.Attach(group);
        }),
        Kind<BpfCGroupPacketProgram>("FOLDER:ingress or FOLDER:egress of a control group", static (program, text) =>
        {
            if (Last(text, static (folder, way) => (folder, Direction(way))) is not var (folder, direction))
            {
                return null;
            }

            using ControlGroup? group = Group(folder);
            return group is null ? null : program.Attach(group, direction);
        }),
        Kind<BpfPerfEventProgram>("samples a second, such as 99", static (program, text)
            => int.TryParse(text, out int rate) && rate > 0 ? program.Attach(PerfEventSource.Software(PerfSoftwareEvent.CpuClock).PerSecond((ulong)rate), PerfEventTarget.AllCpus) : null),
    ];

    /// <summary>Attaches a program.</summary>
    /// <exception cref="BpfException">The target is not one of the program's kind, or the kernel rejects it.</exception>
    internal static void Attach(BpfProgram program, string target)
    {
        (Type Kind, string Form, Action<BpfProgram, string> Attach) kind = Array.Find(s_kinds, one => one.Kind.IsInstanceOfType(program));
        if (kind.Attach is null)
        {
            throw new BpfException($"Program {program.Name} cannot be attached by --attach {program.Name}={target}: a program of section \"{program.SectionName}\" names its target there.", program.Name, target);
        }

        if (target.Length == 0)
        {
            throw new BpfException($"--attach {program.Name}= has no target: a program of section \"{program.SectionName}\" takes {kind.Form}.", program.Name, target);
        }

        kind.Attach(program, target);
    }

    private static (Type, string, Action<BpfProgram, string>) Kind<T>(string form, Func<T, string, BpfProgramLink?> attach)
        where T : BpfProgram
        => (typeof(T), form, (program, target) => _ = attach((T)program, target)
            ?? throw new BpfException($"--attach {program.Name}={target}: a program of section \"{program.SectionName}\" takes {form}.", program.Name, target));

    // A name without a folder is most often that of a device.
    private static ControlGroup? Group(string path) => path.Contains('/', StringComparison.Ordinal) || Directory.Exists(path) ? ControlGroup.Open(path) : null;

    // Splits at the last colon, since paths may have some; null without one.
    private static T? Last<T>(string text, Func<string, string, T> make)
        where T : struct
    {
        int at = text.LastIndexOf(Separator);
        return at > 0 && at + 1 < text.Length ? make(text[..at], text[(at + 1)..]) : null;
    }

    private static PacketDirection Direction(string way) => way switch
    {
        "ingress" => PacketDirection.Ingress,
        "egress" => PacketDirection.Egress,
        _ => throw new BpfException($"'{way}' is not a direction: there are ingress and egress."),
    };
}
