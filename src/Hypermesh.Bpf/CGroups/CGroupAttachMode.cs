namespace Hypermesh.Bpf;

/// <summary>How a program is attached to a control group.</summary>
public enum CGroupAttachMode
{
    /// <summary>By link (5.7), which ends with its last holder; before, as <see cref="Multi"/>. Others may be attached besides.</summary>
    Link,

    /// <summary>By BPF_PROG_ATTACH (4.10), alone: neither here nor in the groups below may another be attached.</summary>
    Exclusive,

    /// <summary>By BPF_PROG_ATTACH, until a group below has its own (<c>BPF_F_ALLOW_OVERRIDE</c>, 4.10).</summary>
    Override,

    /// <summary>By BPF_PROG_ATTACH, besides others (<c>BPF_F_ALLOW_MULTI</c>, 4.15).</summary>
    Multi,
}
