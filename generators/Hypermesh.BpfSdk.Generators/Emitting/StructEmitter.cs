using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes a struct or union: every field where BTF says it is.</summary>
internal static class StructEmitter
{
    public static void Emit(SourceWriter writer, StructModel model, EqualityEmitter equality)
    {
        // Pack = 1: the offsets are explicit, and C# must not round the size up to its own alignment.
        string[] interfaces =
        [
            EqualityEmitter.Interface(model.Name),
            .. model.AddsUp ? [$"global::Hypermesh.Bpf.IPerCpuSum<{model.Name}>"] : Enumerable.Empty<string>(),
            .. EventEmitter.Interfaces(model, model.Name),
        ];
        string bases = " : " + string.Join(", ", interfaces);
        string owner = model.Fields.Count == 0 ? " without members that can be shown" : "";
        writer.Gap().Open($"""
            {Documentation.Of(model.Note, $"C: {XmlText.Code(model.CName)}, {model.Size} bytes{owner}")}
            [global::System.Runtime.InteropServices.StructLayout(global::System.Runtime.InteropServices.LayoutKind.Explicit, Size = {model.Size}, Pack = 1)]
            {SourcePlace.Map(model.Note, $"public partial struct {model.Name}{bases}")}
            """);
        EmitBitfieldStorage(writer, model);
        foreach (FieldModel field in model.Fields)
        {
            EmitField(writer, field);
        }

        if (model.AddsUp)
        {
            SumEmitter.Emit(writer, model);
        }

        if (model.Union is not null)
        {
            EventEmitter.EmitUnion(writer, model, model.Union);
        }

        foreach (EventOfModel record in model.EventOf)
        {
            EventEmitter.EmitEvent(writer, record, model.Name);
        }

        equality.Emit(writer, model);
        writer.Close();
    }

    private static void EmitBitfieldStorage(SourceWriter writer, StructModel model)
    {
        IEnumerable<FieldLayout> storage = model.Fields.SelectMany(field => field.Bits?.Storage ?? default).Distinct();
        foreach (FieldLayout field in storage)
        {
            writer.Gap().Line($"""
                [global::System.Runtime.InteropServices.FieldOffset({field.Offset})]
                private {BitfieldEmitter.StorageType(field)} {field.Name};
                """);
        }
    }

    private static void EmitField(SourceWriter writer, FieldModel field)
    {
        string summary = Documentation.Of(field.Note, $"C: {XmlText.Code(field.Declaration)}");
        string offset = $"[global::System.Runtime.InteropServices.FieldOffset({field.Offset})]";
        writer.Gap();
        switch (field.Kind)
        {
            case FieldKind.Bitfield:
                BitfieldEmitter.Emit(writer, field, field.Bits!, summary);
                break;
            case FieldKind.Boolean:
                writer.Line($$"""
                    {{offset}}
                    private byte {{field.StorageName}};

                    {{summary}}
                    {{SourcePlace.Map(field.Note, $"public bool {field.Name}")}}
                    {
                        readonly get => {{field.StorageName}} != 0;
                        set => {{field.StorageName}} = value ? (byte)1 : (byte)0;
                    }
                    """);
                break;
            case FieldKind.BigEndian:
                writer.Line($"""
                    {Documentation.Of(field.Note, $"C: {XmlText.Code(field.Declaration)}, in network byte order, as stored; <see cref=\"{field.Name}{FieldModel.HostOrderSuffix}\"/> is the number")}
                    {offset}
                    {SourcePlace.Map(field.Note, $"public {field.Type} {field.Name};")}
                    """);
                EmitHostOrder(writer, field);
                break;
            case FieldKind.Hidden:
                // The field belongs to the kernel: it keeps its place and is private.
                writer.Line($"{offset}").Line($"private {field.Type} {field.StorageName}; // C: {XmlText.Escape(field.Declaration)}");
                break;
            case FieldKind.Flexible:
                EmitFlexible(writer, field);
                break;
            default:
                writer.Line($"""
                    {summary}
                    {offset}
                    {SourcePlace.Map(field.Note, $"public {field.Type} {field.Name};")}
                    """);
                break;
        }
    }

    private static void EmitFlexible(SourceWriter writer, FieldModel field)
    {
        string rest = $"record.Slice({field.Offset})";
        string cast = field.Type == "byte" ? rest : $"global::System.Runtime.InteropServices.MemoryMarshal.Cast<byte, {field.Type}>({rest})";
        writer.Line($"""
            /// <summary>C: {XmlText.Code(field.Declaration)}: returns the elements of a record from byte {field.Offset} on.</summary>
            /// <param name="record">The whole record, as bytes.</param>
            /// <returns>The elements, in place, without an incomplete element at the end.</returns>
            /// <exception cref="global::System.ArgumentOutOfRangeException">The record ends before them.</exception>
            public static global::System.ReadOnlySpan<{field.Type}> {field.Name}(global::System.ReadOnlySpan<byte> record) => {cast};
            """);
    }

    private static void EmitHostOrder(SourceWriter writer, FieldModel field)
    {
        const string Reverse = "global::System.Buffers.Binary.BinaryPrimitives.ReverseEndianness";
        writer.Gap().Line($$"""
            /// <summary><see cref="{{field.Name}}"/> as a number, in this machine's byte order.</summary>
            {{SourcePlace.Map(field.Note, $"public {field.Type} {field.Name}{FieldModel.HostOrderSuffix}")}}
            {
                readonly get => global::System.BitConverter.IsLittleEndian ? {{Reverse}}({{field.Name}}) : {{field.Name}};
                set => {{field.Name}} = global::System.BitConverter.IsLittleEndian ? {{Reverse}}(value) : value;
            }
            """);
    }
}
