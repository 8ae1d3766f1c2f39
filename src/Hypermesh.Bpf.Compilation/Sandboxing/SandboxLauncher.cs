using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Compilation.Sandboxing;

/// <summary>
/// Sets the limits of its own process and becomes the program. Rights and landlock bind the calling thread alone, and a program that is executed keeps that thread and no other.
/// </summary>
internal static unsafe class SandboxLauncher
{
    /// <summary>The exit code when it did not become the program; the reason is on standard error, after <see cref="Mark"/>.</summary>
    internal const int NotStarted = 125;

    /// <summary>What its message begins with.</summary>
    internal const string Mark = "sandbox: ";

    private static readonly string[] s_environment = ["PATH=/usr/bin:/bin", "LC_ALL=C"];

    /// <summary>Runs the launcher with the words of <see cref="SandboxPolicy.ToArguments"/>; returns only when it fails.</summary>
    internal static int Run(string[] words)
    {
        // After the step of landlock no assembly can be read: what a message needs is loaded before.
        _ = Interop.Errno.Name(Interop.Errno.ESRCH);
        SandboxCalls.WriteError(System.Text.Encoding.UTF8.GetBytes($"{Mark}{Try(words)}\n"));
        return NotStarted;
    }

    private static string Try(string[] words)
    {
        SandboxPolicy policy;
        try
        {
            policy = SandboxPolicy.Parse(words);
        }
        catch (FormatException failure)
        {
            return failure.Message;
        }

        SandboxLimits limits = policy.Limits;
        long seconds = (long)limits.CpuTime.TotalSeconds;
        int version = Landlock.Version();
        if (version == 0 && !policy.DropsUser)
        {
            return "this kernel has no landlock (5.13), and without root the user cannot be changed, so clang could read all files of this user. Run it as root, or pass the C as trusted (--trusted)";
        }

        int ruleset = version > 0 ? Landlock.Create(version, policy.Readable, policy.Writable) : -1;
        (string What, Func<int> Set)[] steps =
        [
            ("RLIMIT_CORE", static () => SandboxCalls.SetLimit(ResourceLimit.Core, 0, 0)),
            ("RLIMIT_CPU", () => SandboxCalls.SetLimit(ResourceLimit.CpuTime, seconds, seconds + 1)),
            ("RLIMIT_FSIZE", () => SandboxCalls.SetLimit(ResourceLimit.FileSize, limits.FileSize, limits.FileSize)),
            ("RLIMIT_NOFILE", () => SandboxCalls.SetLimit(ResourceLimit.OpenFiles, limits.OpenFiles, limits.OpenFiles)),
            ("the rules of landlock", () => version > 0 ? Math.Min(ruleset, 0) : 0),
            ("setgroups", () => policy.DropsUser ? SandboxCalls.SetGroups() : 0),
            ("setresgid", () => policy.DropsUser ? SandboxCalls.SetGroup(SandboxPolicy.Nobody) : 0),
            ("setresuid", () => policy.DropsUser ? SandboxCalls.SetUser(SandboxPolicy.Nobody) : 0),
            ("PR_SET_NO_NEW_PRIVS", SandboxCalls.GiveUpNewPrivileges),
            ("landlock", () => version > 0 ? SandboxCalls.RestrictSelf(ruleset) : 0),
            // After the change of the user, which clears it.
            ("PR_SET_PDEATHSIG", SandboxCalls.DieWithParent),
            ("the parent, which has ended", () => SandboxCalls.ParentId() == policy.Parent ? 0 : -Interop.Errno.ESRCH),
        ];
        foreach ((string what, Func<int> set) in steps)
        {
            if (set() is < 0 and int failed)
            {
                return $"{what}: {Interop.Errno.Name(-failed)}";
            }
        }

        return $"{policy.Program[0]} cannot be started: {Interop.Errno.Name(Become(policy))}";
    }

    // The limit of memory is last: the runtime has reserved far more, and could allocate nothing after it.
    private static int Become(SandboxPolicy policy)
    {
        byte** arguments = Words(policy.Program);
        byte** environment = Words([.. s_environment, "TMPDIR=" + policy.Writable, "HOME=" + policy.Writable]);

        // The first call resolves the function and compiles what is on its way.
        SandboxCalls.Execute(null, null, null);
        int failed = SandboxCalls.SetLimit(ResourceLimit.AddressSpace, policy.Limits.AddressSpace, policy.Limits.AddressSpace);
        return -(failed < 0 ? failed : SandboxCalls.Execute(arguments[0], arguments, environment));
    }

    private static byte** Words(IReadOnlyList<string> words)
    {
        var list = (byte**)NativeMemory.AllocZeroed((nuint)(words.Count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < words.Count; i++)
        {
            list[i] = (byte*)Marshal.StringToCoTaskMemUTF8(words[i]);
        }

        return list;
    }
}
