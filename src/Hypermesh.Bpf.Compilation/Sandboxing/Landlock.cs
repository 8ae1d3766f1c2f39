namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>Restricts the files that a thread, and what it becomes, can use (landlock, 5.13). Needs no capability, only that the thread cannot gain privileges.</summary>
internal static unsafe class Landlock
{
    private const long VersionFlag = 1;
    private const long PathBeneath = 1;

    private const ulong Execute = 1 << 0;
    private const ulong WriteFile = 1 << 1;
    private const ulong ReadFile = 1 << 2;
    private const ulong ReadDirectory = 1 << 3;
    private const ulong RemoveFile = 1 << 5;
    private const ulong MakeRegularFile = 1 << 8;

    // The first version has the rights up to the 13th, the second refer, the third truncate, the fifth ioctl on devices.
    private const ulong FirstVersion = (1 << 13) - 1;
    private const ulong Refer = 1 << 13;
    private const ulong Truncate = 1 << 14;
    private const ulong ControlDevice = 1 << 15;

    // Binding and connecting TCP sockets (version 4).
    private const ulong Network = 3;

    private const ulong OfFiles = Execute | WriteFile | ReadFile | Truncate | ControlDevice;

    /// <summary>The version that the kernel has; 0 for none.</summary>
    internal static int Version() => Math.Max(0, SandboxCalls.CreateRuleset(null, 0, VersionFlag));

    /// <summary>Creates the rules, while their paths can still be opened.</summary>
    /// <returns>A descriptor, or the negative errno.</returns>
    internal static int Create(int version, IEnumerable<string> readable, string writable)
    {
        ulong handled = FirstVersion | (version >= 2 ? Refer : 0) | (version >= 3 ? Truncate : 0) | (version >= 5 ? ControlDevice : 0);
        ulong* attributes = stackalloc ulong[2];
        attributes[0] = handled;
        attributes[1] = version >= 4 ? Network : 0;
        int ruleset = SandboxCalls.CreateRuleset(attributes, version >= 4 ? 2 * sizeof(ulong) : sizeof(ulong), 0);
        if (ruleset < 0)
        {
            return ruleset;
        }

        foreach (string path in readable)
        {
            Allow(ruleset, path, handled & (Execute | ReadFile | ReadDirectory));
        }

        Allow(ruleset, writable, handled & (ReadFile | ReadDirectory | WriteFile | RemoveFile | MakeRegularFile | Refer | Truncate));
        return ruleset;
    }

    // A folder that does not exist needs no rule.
    private static void Allow(int ruleset, string path, ulong rights)
    {
        int descriptor = SandboxCalls.OpenPath(path);
        if (descriptor < 0)
        {
            return;
        }

        ulong* rule = stackalloc ulong[2];
        rule[0] = Directory.Exists(path) ? rights : rights & OfFiles;
        *(int*)(rule + 1) = descriptor;
        SandboxCalls.AddRule(ruleset, PathBeneath, rule);
        SandboxCalls.Close(descriptor);
    }
}
