namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>An architecture whose compilers' ways of naming arguments are known.</summary>
internal enum UsdtArchitecture
{
    /// <summary>x86-64.</summary>
    X64,

    /// <summary>arm64.</summary>
    Arm64,
}
