namespace Hypermesh.Bpf;

/// <summary>How a program joins those that are attached (<c>BPF_F_…</c>).</summary>
[Flags]
internal enum AttachFlags : uint
{
    None = 0,
    AllowOverride = 1 << 0,
    AllowMulti = 1 << 1,
    Replace = 1 << 2,
    Before = 1 << 3,
    After = 1 << 4,
    ById = 1 << 5,
    Preorder = 1 << 6,
    OfLink = 1 << 13,
}
