using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>Where a bitfield's bits are.</summary>
/// <param name="Storage">The hidden fields that hold them, lowest first: one unit, or single bytes where no unit fits.</param>
/// <param name="Shift">Its lowest bit, from the lowest bit of the first storage field.</param>
/// <param name="Width">How many bits it has.</param>
/// <param name="IsSigned">True when its highest bit is a sign.</param>
/// <param name="IsBoolean">True for a <c>_Bool</c>.</param>
internal sealed record BitfieldModel(EquatableArray<FieldLayout> Storage, int Shift, int Width, bool IsSigned, bool IsBoolean);
