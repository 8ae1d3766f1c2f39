using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes an array that lies within a value: C# indexes it, enumerates it and converts it to a span.</summary>
internal static class ArrayEmitter
{
    public static void Emit(SourceWriter writer, ArrayModel model) => writer.Gap().Line($$"""
        /// <summary>C: {{XmlText.Code(model.CType)}}, in place.</summary>
        [global::System.Runtime.CompilerServices.InlineArray({{model.Length}})]
        public partial struct {{model.Name}}
        {
            /// <summary>How many elements there are.</summary>
            public const int Length = {{model.Length}};

            private {{model.ElementType}} _element0;

            /// <summary>The elements, in place.</summary>
            /// <returns>A view that lives as long as this value.</returns>
            [global::System.Diagnostics.CodeAnalysis.UnscopedRef]
            public readonly global::System.ReadOnlySpan<{{model.ElementType}}> AsSpan() => this;
        }
        """);
}
