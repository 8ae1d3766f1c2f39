using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the group of global variables: for the spec, where all can be set, and for the live object, where constants can only be read.</summary>
internal static class GlobalsEmitter
{
    private static readonly Dictionary<GlobalOrigin, string> s_words = new()
    {
        [GlobalOrigin.Variable] = "Variable",
        [GlobalOrigin.Constant] = "Constant",
        [GlobalOrigin.KernelConfig] = "Option of the running kernel",
    };

    public static void Emit(SourceWriter writer, SkeletonModel model, bool isSpec)
    {
        // The value is known only after the load has asked the kernel.
        List<GlobalModel> globals = model.Globals.Where(global => !isSpec || global.Origin != GlobalOrigin.KernelConfig).ToList();
        string when = isSpec ? "as they will be loaded" : "with their current values in the kernel";
        writer.Gap().Open($"""
            /// <summary>The global variables of {XmlText.Code(model.Source)}, {when}.</summary>
            public sealed class GlobalSet
            """);
        EmitPlaces(writer, globals, isSpec);
        for (int i = 0; i < globals.Count; i++)
        {
            GlobalModel global = globals[i];
            if (global.Kind == GlobalKind.Array)
            {
                writer.Gap().Line($$"""
                    {{Summary(global)}}
                    {{SourcePlace.Map(global.Note, $"public {ViewType(global, isSpec)} {global.Name}", "{ get; }")}}
                    """);
            }
            else
            {
                EmitProperty(writer, global, i, isSpec || global.Origin == GlobalOrigin.Variable);
            }
        }

        writer.Close();
    }

    // By name: another object with the same variables may have them at other offsets.
    private static void EmitPlaces(SourceWriter writer, List<GlobalModel> globals, bool isSpec)
    {
        string type = isSpec ? "global::Hypermesh.Bpf.Objects.BpfDataSectionSpec" : "global::Hypermesh.Bpf.BpfGlobalSection";
        for (int i = 0; i < globals.Count; i++)
        {
            if (globals[i].Kind != GlobalKind.Array)
            {
                writer.Line($"private readonly {type} _section{i};").Line($"private readonly int _offset{i};");
            }
        }

        writer.Gap().Open(isSpec
            ? "internal GlobalSet(global::Hypermesh.Bpf.Objects.BpfObjectSpec spec)"
            : "internal GlobalSet(global::Hypermesh.Bpf.BpfObject live)");
        for (int i = 0; i < globals.Count; i++)
        {
            GlobalModel global = globals[i];
            string section = $"{(isSpec ? "spec" : "live")}.SectionOf({CSharpLiterals.Text(global.CName)}, out ";
            if (global.Kind != GlobalKind.Array)
            {
                writer.Line($"_section{i} = {section}_offset{i});");
            }
            else if (isSpec)
            {
                writer.Line($"{global.Name} = new {ViewType(global, isSpec)}({section}_), {CSharpLiterals.Text(global.CName)});");
            }
            else
            {
                writer.Line($"{global.Name} = new {ViewType(global, isSpec)}({section}int offset{i}), offset{i}{(global.Length > 0 ? $", {global.Length}" : "")});");
            }
        }

        writer.Close();
    }

    private static string ViewType(GlobalModel global, bool isSpec)
    {
        string live = global.Origin == GlobalOrigin.Variable ? "BpfGlobalArray" : "BpfConstantArray";
        return isSpec ? $"global::Hypermesh.Bpf.Objects.BpfDataArraySpec<{global.Type}>" : $"global::Hypermesh.Bpf.{live}<{global.Type}>";
    }

    private static string Summary(GlobalModel global)
    {
        string order = global.Kind == GlobalKind.BigEndian ? $", in network byte order, as stored; <see cref=\"{global.Name}{FieldModel.HostOrderSuffix}\"/> is the number" : "";
        string length = global is { Kind: GlobalKind.Array, Length: 0 } ? "; its length can be set before the load" : "";
        return Documentation.Of(global.Note, $"{s_words[global.Origin]} {XmlText.Code(global.Declaration)} in {XmlText.Code(global.Section)}{order}{length}");
    }

    private static void EmitProperty(SourceWriter writer, GlobalModel global, int index, bool canSet)
    {
        bool isBoolean = global.Kind == GlobalKind.Boolean;
        string type = isBoolean ? "bool" : global.Type;
        string read = $"_section{index}.Read<{global.Type}>(_offset{index}){(isBoolean ? " != 0" : "")}";
        string write = $"_section{index}.Write<{global.Type}>(_offset{index}, {(isBoolean ? "value ? (byte)1 : (byte)0" : "value")})";
        EmitProperty(writer, Summary(global), global.Note, $"public {type} {global.Name}", read, canSet ? write : null);
        if (global.Kind != GlobalKind.BigEndian)
        {
            return;
        }

        const string Reverse = "global::System.Buffers.Binary.BinaryPrimitives.ReverseEndianness";
        EmitProperty(
            writer,
            $"/// <summary><see cref=\"{global.Name}\"/> as a number, in this machine's byte order.</summary>",
            note: null,
            $"public {type} {global.Name}{FieldModel.HostOrderSuffix}",
            $"global::System.BitConverter.IsLittleEndian ? {Reverse}({global.Name}) : {global.Name}",
            canSet ? $"{global.Name} = global::System.BitConverter.IsLittleEndian ? {Reverse}(value) : value" : null);
    }

    private static void EmitProperty(SourceWriter writer, string summary, SourceNote? note, string declaration, string read, string? write)
    {
        if (write is null)
        {
            writer.Gap().Line($"""
                {summary}
                {SourcePlace.Map(note, declaration, $"=> {read};")}
                """);
            return;
        }

        writer.Gap().Line($$"""
            {{summary}}
            {{SourcePlace.Map(note, declaration)}}
            {
                get => {{read}};
                set => {{write}};
            }
            """);
    }
}
