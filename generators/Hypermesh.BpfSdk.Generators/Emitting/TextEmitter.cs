using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the type of a <c>char[N]</c>: UTF-8 in place, up to the first NUL.</summary>
internal static class TextEmitter
{
    public static void Emit(SourceWriter writer, TextModel model) => writer.Gap().Line($$"""
        /// <summary>C: <c>char[{{model.Length}}]</c>: text in UTF-8, in place. It ends at the first NUL, or fills all {{model.Length}} bytes.</summary>
        [global::System.Runtime.CompilerServices.InlineArray({{model.Length}})]
        public partial struct {{model.Name}} : global::System.IEquatable<{{model.Name}}>
        {
            /// <summary>The number of bytes.</summary>
            public const int Length = {{model.Length}};

            private byte _element0;

            /// <summary>Copies text into a new value; the bytes after it are zero.</summary>
            /// <param name="utf8">At most {{model.Length}} bytes, for example <c>"bash"u8</c>.</param>
            /// <exception cref="global::System.ArgumentException">The text is longer.</exception>
            public {{model.Name}}(global::System.ReadOnlySpan<byte> utf8)
            {
                if (utf8.Length > Length)
                {
                    throw new global::System.ArgumentException($"The text has {utf8.Length} bytes; char[{{model.Length}}] holds {{model.Length}}.", nameof(utf8));
                }

                this = default;
                utf8.CopyTo(this);
            }

            /// <summary>Compares two texts.</summary>
            /// <param name="left">One.</param>
            /// <param name="right">The other.</param>
            /// <returns>True when they are the same up to their NUL.</returns>
            public static bool operator ==(in {{model.Name}} left, in {{model.Name}} right) => left.Equals(right.AsSpan());

            /// <summary>Compares two texts.</summary>
            /// <param name="left">One.</param>
            /// <param name="right">The other.</param>
            /// <returns>True when they differ before their NUL.</returns>
            public static bool operator !=(in {{model.Name}} left, in {{model.Name}} right) => !left.Equals(right.AsSpan());

            /// <summary>The text without NUL, in place.</summary>
            /// <returns>A view that lives as long as this value.</returns>
            [global::System.Diagnostics.CodeAnalysis.UnscopedRef]
            public readonly global::System.ReadOnlySpan<byte> AsSpan()
            {
                global::System.ReadOnlySpan<byte> all = this;
                int end = global::System.MemoryExtensions.IndexOf(all, (byte)0);
                return end < 0 ? all : all.Slice(0, end);
            }

            /// <summary>Compares this text with text in UTF-8, such as <c>"bash"u8</c>. Does not allocate.</summary>
            /// <param name="utf8">The text.</param>
            /// <returns>True when the texts are equal.</returns>
            public readonly bool Equals(global::System.ReadOnlySpan<byte> utf8) => global::System.MemoryExtensions.SequenceEqual(AsSpan(), utf8);

            /// <summary>Compares this text with a string. Allocates only where both have the same length in UTF-8.</summary>
            /// <param name="text">The string.</param>
            /// <returns>True when the texts are equal.</returns>
            public readonly bool Equals(string? text)
                => text is not null && global::System.Text.Encoding.UTF8.GetByteCount(text) == AsSpan().Length && global::System.MemoryExtensions.SequenceEqual<byte>(AsSpan(), global::System.Text.Encoding.UTF8.GetBytes(text));

            /// <inheritdoc/>
            public readonly bool Equals({{model.Name}} other) => Equals(other.AsSpan());

            /// <inheritdoc/>
            public override readonly bool Equals(object? obj) => obj is {{model.Name}} other && Equals(other);

            /// <inheritdoc/>
            public override readonly int GetHashCode()
            {
                var hash = new global::System.HashCode();
                hash.AddBytes(AsSpan());
                return hash.ToHashCode();
            }

            /// <summary>Returns the text as a string. Allocates.</summary>
            /// <returns>The string; bytes that are not UTF-8 become U+FFFD.</returns>
            public override readonly string ToString() => global::System.Text.Encoding.UTF8.GetString(AsSpan());
        }
        """);
}
