namespace Hypermesh.Bpf;

/// <summary>Flags that place a program among other attached programs. Values are those of the kernel's <c>BPF_F_…</c>.</summary>
[Flags]
public enum BpfAttachFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>BPF_F_ALLOW_OVERRIDE</c>: a descendant group may replace the program (4.10).</summary>
    AllowOverride = 1 << 0,

    /// <summary><c>BPF_F_ALLOW_MULTI</c>: all programs of the group and of its descendants run (4.15).</summary>
    AllowMulti = 1 << 1,

    /// <summary><c>BPF_F_REPLACE</c>: replaces an attached program (5.6).</summary>
    Replace = 1 << 2,

    /// <summary><c>BPF_F_BEFORE</c>: runs before another program (6.6).</summary>
    Before = 1 << 3,

    /// <summary><c>BPF_F_AFTER</c>: runs after another program (6.6).</summary>
    After = 1 << 4,

    /// <summary><c>BPF_F_ID</c>: the other program is named by its ID (6.6).</summary>
    ById = 1 << 5,

    /// <summary><c>BPF_F_PREORDER</c>: runs before the programs of descendant groups (6.15).</summary>
    Preorder = 1 << 6,

    /// <summary><c>BPF_F_LINK</c>: the other program is named by its link (6.6).</summary>
    OfLink = 1 << 13,
}
