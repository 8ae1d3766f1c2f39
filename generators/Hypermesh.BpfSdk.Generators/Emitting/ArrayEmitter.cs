using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the type of an array within a value: C# can index it, enumerate it and convert it to a span.</summary>
internal static class ArrayEmitter
{
    public static void Emit(SourceWriter writer, ArrayModel model, EqualityEmitter equality)
    {
        if (model.Kind == ArrayKind.Boolean)
        {
            EmitBooleans(writer, model, equality);
            return;
        }

        string order = model.Kind == ArrayKind.BigEndian ? ", each in network byte order, as stored; <see cref=\"HostOrder\"/> returns the number" : "";
        writer.Gap().Open($"""
            /// <summary>C: {XmlText.Code(model.CType)}, in place{order}.</summary>
            [global::System.Runtime.CompilerServices.InlineArray({model.Length})]
            public partial struct {model.Name} : {EqualityEmitter.Interface(model.Name)}
            """);
        writer.Line($"""
            /// <summary>The number of elements.</summary>
            public const int Length = {model.Length};

            private {model.ElementType} _element0;

            /// <summary>The elements, in place.</summary>
            /// <returns>A view that lives as long as this value.</returns>
            [global::System.Diagnostics.CodeAnalysis.UnscopedRef]
            public readonly global::System.ReadOnlySpan<{model.ElementType}> AsSpan() => this;
            """);
        if (model.Kind == ArrayKind.BigEndian)
        {
            EmitHostOrder(writer, model);
        }

        equality.Emit(writer, model);
        writer.Close();
    }

    private static void EmitHostOrder(SourceWriter writer, ArrayModel model)
    {
        const string Reverse = "global::System.Buffers.Binary.BinaryPrimitives.ReverseEndianness";
        writer.Gap().Line($"""
            /// <summary>Returns an element as a number, in this machine's byte order.</summary>
            /// <param name="index">Its index.</param>
            /// <returns>The number.</returns>
            /// <exception cref="global::System.IndexOutOfRangeException">There is no such element.</exception>
            public readonly {model.ElementType} HostOrder(int index)
                => global::System.BitConverter.IsLittleEndian ? {Reverse}(this[index]) : this[index];

            /// <summary>Sets an element.</summary>
            /// <param name="index">Its index.</param>
            /// <param name="value">The number, in this machine's byte order.</param>
            /// <exception cref="global::System.IndexOutOfRangeException">There is no such element.</exception>
            public void SetHostOrder(int index, {model.ElementType} value)
                => this[index] = global::System.BitConverter.IsLittleEndian ? {Reverse}(value) : value;
            """);
    }

    private static void EmitBooleans(SourceWriter writer, ArrayModel model, EqualityEmitter equality)
    {
        writer.Gap().Open($"""
            /// <summary>C: {XmlText.Code(model.CType)}, in place.</summary>
            public partial struct {model.Name} : {EqualityEmitter.Interface(model.Name)}
            """);
        writer.Line($$"""
            /// <summary>The number of elements.</summary>
            public const int Length = {{model.Length}};

            private {{model.ElementType}} _bytes;

            /// <summary>An element.</summary>
            /// <param name="index">Its index.</param>
            /// <exception cref="global::System.IndexOutOfRangeException">There is no such element.</exception>
            public bool this[int index]
            {
                readonly get => _bytes[index] != 0;
                set => _bytes[index] = value ? (byte)1 : (byte)0;
            }

            /// <summary>The elements as bytes, in place.</summary>
            /// <returns>A view that lives as long as this value.</returns>
            [global::System.Diagnostics.CodeAnalysis.UnscopedRef]
            public readonly global::System.ReadOnlySpan<byte> AsSpan() => _bytes;
            """);
        equality.Emit(writer, model);
        writer.Close();
    }
}
