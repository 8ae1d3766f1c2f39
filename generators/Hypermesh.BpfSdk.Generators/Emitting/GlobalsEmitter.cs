using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the group of global variables: of the spec, where all can be set, and of the live object, where constants can only be read.</summary>
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
        // What the kernel says is known only when it has been asked.
        List<GlobalModel> globals = model.Globals.Where(global => !isSpec || global.Origin != GlobalOrigin.KernelConfig).ToList();
        List<string> sections = globals.Select(global => global.Section).Distinct().ToList();
        string when = isSpec ? "as they will be loaded" : "as they are in the kernel now";
        writer.Gap().Open($"""
            /// <summary>The global variables of {XmlText.Code(model.Source)}, {when}.</summary>
            public sealed class GlobalSet
            """);
        EmitSections(writer, globals, sections, isSpec);
        foreach (GlobalModel global in globals)
        {
            if (global.Kind == GlobalKind.Array)
            {
                writer.Gap().Line($$"""
                    {{Summary(global)}}
                    {{SourcePlace.Map(global.Note, $"public {ViewType(global, isSpec)} {global.Name}", "{ get; }")}}
                    """);
            }
            else
            {
                EmitProperty(writer, global, "_section" + sections.IndexOf(global.Section), isSpec || global.Origin == GlobalOrigin.Variable);
            }
        }

        writer.Close();
    }

    private static void EmitSections(SourceWriter writer, List<GlobalModel> globals, List<string> sections, bool isSpec)
    {
        string type = isSpec ? "global::Hypermesh.Bpf.Objects.DataSectionSpec" : "global::Hypermesh.Bpf.BpfGlobalSection";
        for (int i = 0; i < sections.Count; i++)
        {
            writer.Line($"private readonly {type} _section{i};");
        }

        writer.Gap().Open(isSpec
            ? "internal GlobalSet(global::Hypermesh.Bpf.Objects.BpfObjectSpec spec)"
            : "internal GlobalSet(global::Hypermesh.Bpf.BpfObject live)");
        for (int i = 0; i < sections.Count; i++)
        {
            string name = CSharpLiterals.Text(sections[i]);
            writer.Line($"_section{i} = {(isSpec ? $"spec.DataSection({name})" : $"live.GetSection({name})")};");
        }

        foreach (GlobalModel global in globals.Where(global => global.Kind == GlobalKind.Array))
        {
            string section = "_section" + sections.IndexOf(global.Section);
            string place = isSpec ? CSharpLiterals.Text(global.CName) : $"{global.Offset}" + (global.Length > 0 ? $", {global.Length}" : "");
            writer.Line($"{global.Name} = new {ViewType(global, isSpec)}({section}, {place});");
        }

        writer.Close();
    }

    private static string ViewType(GlobalModel global, bool isSpec)
    {
        string live = global.Origin == GlobalOrigin.Variable ? "BpfGlobalArray" : "BpfConstantArray";
        return isSpec ? $"global::Hypermesh.Bpf.Objects.DataArraySpec<{global.Type}>" : $"global::Hypermesh.Bpf.{live}<{global.Type}>";
    }

    private static string Summary(GlobalModel global)
    {
        string order = global.Kind == GlobalKind.BigEndian ? $", in network order as it lies in memory; <see cref=\"{global.Name}{FieldModel.HostOrderSuffix}\"/> is the number" : "";
        string length = global is { Kind: GlobalKind.Array, Length: 0 } ? "; its length can be set before the load" : "";
        return Documentation.Of(global.Note, $"{s_words[global.Origin]} {XmlText.Code(global.Declaration)} in {XmlText.Code(global.Section)}{order}{length}");
    }

    private static void EmitProperty(SourceWriter writer, GlobalModel global, string section, bool canSet)
    {
        bool isBoolean = global.Kind == GlobalKind.Boolean;
        string type = isBoolean ? "bool" : global.Type;
        string read = $"{section}.Read<{global.Type}>({global.Offset}){(isBoolean ? " != 0" : "")}";
        string write = $"{section}.Write<{global.Type}>({global.Offset}, {(isBoolean ? "value ? (byte)1 : (byte)0" : "value")})";
        EmitProperty(writer, Summary(global), global.Note, $"public {type} {global.Name}", read, canSet ? write : null);
        if (global.Kind != GlobalKind.BigEndian)
        {
            return;
        }

        const string Reverse = "global::System.Buffers.Binary.BinaryPrimitives.ReverseEndianness";
        EmitProperty(
            writer,
            $"/// <summary><see cref=\"{global.Name}\"/> as a number, in this machine's order.</summary>",
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
