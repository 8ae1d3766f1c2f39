using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>A kernel type that may be what the object means: same essential name, same kind.</summary>
/// <param name="Types">The kernel's or a module's types.</param>
/// <param name="TypeId">The type among them.</param>
internal readonly record struct CoreCandidate(BtfTypes Types, int TypeId);
