namespace Hypermesh.Bpf;

/// <summary>How an update treats an entry that is there, or is not.</summary>
internal enum UpdateMode : ulong
{
    /// <summary><c>BPF_ANY</c></summary>
    Any = 0,

    /// <summary><c>BPF_NOEXIST</c></summary>
    Add = 1,

    /// <summary><c>BPF_EXIST</c></summary>
    Replace = 2,
}
