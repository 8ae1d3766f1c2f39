using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>
/// Writes the equality of a value: two values are equal when all their members are. Neighbouring members in which every byte counts are compared together, as bytes.
/// Padding and the kernel's own fields are not compared; a text ends at its NUL.
/// </summary>
/// <param name="skeleton">The skeleton, which says what the members' types hold.</param>
internal sealed class EqualityEmitter(SkeletonModel skeleton)
{
    private const string Span = "global::System.ReadOnlySpan";
    private const string Marshal = "global::System.Runtime.InteropServices.MemoryMarshal";
    private const string SequenceEqual = "global::System.MemoryExtensions.SequenceEqual";

    private readonly Dictionary<string, StructModel> _structs = skeleton.Structs.ToDictionary(type => $"{skeleton.TypeReference}.{type.Name}", StringComparer.Ordinal);
    private readonly Dictionary<string, ArrayModel> _arrays = skeleton.Arrays.ToDictionary(type => $"{skeleton.TypeReference}.{type.Name}", StringComparer.Ordinal);
    private readonly HashSet<string> _texts = new(skeleton.Texts.Select(type => $"{skeleton.TypeReference}.{type.Name}"), StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _dense = new(StringComparer.Ordinal);

    /// <summary>The interface of a value that can be compared.</summary>
    public static string Interface(string type) => $"global::System.IEquatable<{type}>";

    /// <summary>Writes the members of a struct or union.</summary>
    public void Emit(SourceWriter writer, StructModel model)
    {
        Comparands found = Find(model);
        bool hasBytes = found.Runs.Count + found.Masks.Count > 0;
        EmitOperators(writer, model.Name, "all their members are equal; padding between members is not compared");
        writer.Open($"public static bool operator ==(in {model.Name} left, in {model.Name} right)");
        if (hasBytes)
        {
            writer.Line($"""
                {Span}<byte> leftBytes = {Bytes(model.Name, "left")};
                {Span}<byte> rightBytes = {Bytes(model.Name, "right")};
                """);
        }

        List<string> terms =
        [
            .. found.Runs.Select(run => $"{SequenceEqual}({Slice("leftBytes", run, model.Size)}, {Slice("rightBytes", run, model.Size)})"),
            .. found.Masks.Select(mask => $"((leftBytes[{mask.Key}] ^ rightBytes[{mask.Key}]) & 0x{mask.Value:x2}) == 0"),
            .. found.Members.Select(name => $"left.{name} == right.{name}"),
        ];
        writer.Line($"return {(terms.Count == 0 ? "true" : string.Join("\n    && ", terms))};").Close();
        EmitEquals(writer, model.Name);
        writer.Open("public override readonly int GetHashCode()").Line("var hash = new global::System.HashCode();");
        if (hasBytes)
        {
            writer.Line($"{Span}<byte> bytes = {Bytes(model.Name, "this")};");
        }

        foreach ((int Offset, int Length) run in found.Runs)
        {
            writer.Line($"hash.AddBytes({Slice("bytes", run, model.Size)});");
        }

        foreach (KeyValuePair<int, int> mask in found.Masks)
        {
            writer.Line($"hash.Add(bytes[{mask.Key}] & 0x{mask.Value:x2});");
        }

        foreach (string name in found.Members)
        {
            writer.Line($"hash.Add(this.{name}.GetHashCode());");
        }

        writer.Line("return hash.ToHashCode();").Close();
    }

    /// <summary>Writes the members of an array.</summary>
    public void Emit(SourceWriter writer, ArrayModel model)
    {
        bool isBoolean = model.Kind == ArrayKind.Boolean;
        EmitOperators(writer, model.Name, "all their elements are equal");
        if (isBoolean || IsDense(model.ElementType))
        {
            string cast = isBoolean ? "{0}.AsSpan()" : $"{Marshal}.AsBytes({{0}}.AsSpan())";
            writer.Line($"""
                public static bool operator ==(in {model.Name} left, in {model.Name} right)
                    => {SequenceEqual}({string.Format(cast, "left")}, {string.Format(cast, "right")});
                """);
            EmitEquals(writer, model.Name);
            writer.Line($$"""
                public override readonly int GetHashCode()
                {
                    var hash = new global::System.HashCode();
                    hash.AddBytes({{string.Format(cast, "this")}});
                    return hash.ToHashCode();
                }
                """);
            return;
        }

        writer.Line($$"""
            public static bool operator ==(in {{model.Name}} left, in {{model.Name}} right)
            {
                for (int i = 0; i < Length; i++)
                {
                    if (left[i] != right[i])
                    {
                        return false;
                    }
                }

                return true;
            }
            """);
        EmitEquals(writer, model.Name);
        writer.Line($$"""
            public override readonly int GetHashCode()
            {
                var hash = new global::System.HashCode();
                for (int i = 0; i < Length; i++)
                {
                    hash.Add(this[i].GetHashCode());
                }

                return hash.ToHashCode();
            }
            """);
    }

    // != comes first, because the documentation of == must be directly before the body that the caller writes.
    private static void EmitOperators(SourceWriter writer, string type, string when) => writer.Gap().Line($"""
        /// <summary>Compares two values.</summary>
        /// <param name="left">One value.</param>
        /// <param name="right">The other value.</param>
        /// <returns>False when {when}.</returns>
        public static bool operator !=(in {type} left, in {type} right) => !(left == right);

        /// <summary>Compares two values. Does not allocate.</summary>
        /// <param name="left">One value.</param>
        /// <param name="right">The other value.</param>
        /// <returns>True when {when}.</returns>
        """);

    private static void EmitEquals(SourceWriter writer, string type) => writer.Gap().Line($"""
        /// <inheritdoc/>
        public readonly bool Equals({type} other) => this == other;

        /// <inheritdoc/>
        public override readonly bool Equals(object? obj) => obj is {type} other && this == other;

        /// <inheritdoc/>
        """);

    private static string Bytes(string type, string value) => $"{Marshal}.AsBytes(new {Span}<{type}>(in {value}))";

    private static string Slice(string bytes, (int Offset, int Length) run, int size)
        => run.Length == size ? bytes : $"{bytes}.Slice({run.Offset}, {run.Length})";

    private Comparands Find(StructModel model)
    {
        var bits = new List<BitRange>(model.Unshown);
        var members = new List<string>();
        foreach (FieldModel field in model.Fields)
        {
            switch (field.Kind)
            {
                case FieldKind.Hidden or FieldKind.Flexible:
                    break;
                case FieldKind.Bitfield:
                    bits.Add(new BitRange((field.Bits!.Storage[0].Offset * 8L) + field.Bits.Shift, field.Bits.Width));
                    break;
                default:
                    if (IsDense(field.Type))
                    {
                        bits.Add(new BitRange(field.Offset * 8L, field.Size * 8L));
                    }
                    else
                    {
                        members.Add(field.Name);
                    }

                    break;
            }
        }

        var found = new Comparands([], [], members);
        foreach (BitRange range in Merge(bits))
        {
            long first = (range.Start + 7) / 8;
            long end = range.End / 8;
            if (first < end)
            {
                found.Runs.Add(((int)first, (int)(end - first)));
            }

            // Bits that do not fill a byte: before the whole bytes, after them, or all within one byte.
            foreach (int at in new[] { range.Start / 8, end }.Distinct().Where(at => at < first || at >= end).Select(at => (int)at))
            {
                long low = Math.Max(range.Start, at * 8L) - (at * 8L);
                long high = Math.Min(range.End, (at * 8L) + 8) - (at * 8L);
                if (low < high)
                {
                    found.Masks.TryGetValue(at, out int mask);
                    found.Masks[at] = mask | (((1 << (int)(high - low)) - 1) << (int)low);
                }
            }
        }

        return found;
    }

    private static List<BitRange> Merge(List<BitRange> bits)
    {
        var merged = new List<BitRange>();
        foreach (BitRange range in bits.Where(range => range.Length > 0).OrderBy(range => range.Start))
        {
            if (merged.Count > 0 && merged[merged.Count - 1] is var last && range.Start <= last.End)
            {
                merged[merged.Count - 1] = new BitRange(last.Start, Math.Max(last.End, range.End) - last.Start);
            }
            else
            {
                merged.Add(range);
            }
        }

        return merged;
    }

    // True for a type whose values are equal exactly when all their bytes are: it can be compared together with its neighbours.
    private bool IsDense(string type)
    {
        if (!_dense.TryGetValue(type, out bool dense))
        {
            dense = !_texts.Contains(type);
            if (_structs.TryGetValue(type, out StructModel? model))
            {
                Comparands found = Find(model);
                dense = found.Members.Count == 0 && found.Masks.Count == 0 && found.Runs.Count == 1 && found.Runs[0].Length == model.Size;
            }
            else if (_arrays.TryGetValue(type, out ArrayModel? array))
            {
                dense = IsDense(array.ElementType);
            }

            _dense.Add(type, dense);
        }

        return dense;
    }

    /// <summary>The parts of a struct that are compared.</summary>
    /// <param name="Runs">Whole bytes.</param>
    /// <param name="Masks">By the byte's offset, which of its bits.</param>
    /// <param name="Members">The fields that compare themselves.</param>
    private sealed record Comparands(List<(int Offset, int Length)> Runs, SortedDictionary<int, int> Masks, List<string> Members);
}
