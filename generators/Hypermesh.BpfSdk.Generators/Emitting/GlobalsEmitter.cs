using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the group of global variables: of the spec, where all can be set, and of the live object, where constants can only be read.</summary>
internal static class GlobalsEmitter
{
    public static void Emit(SourceWriter writer, SkeletonModel model, bool isSpec)
    {
        List<string> sections = model.Globals.Select(global => global.Section).Distinct().ToList();
        string when = isSpec ? "as they will be loaded" : "as they are in the kernel now";
        writer.Gap().Open($"""
            /// <summary>The global variables of {XmlText.Code(model.Source)}, {when}.</summary>
            public sealed class GlobalSet
            """);
        EmitSections(writer, sections, isSpec);
        foreach (GlobalModel global in model.Globals)
        {
            EmitProperty(writer, global, "_section" + sections.IndexOf(global.Section), isSpec || !global.IsReadOnly);
        }

        writer.Close();
    }

    private static void EmitSections(SourceWriter writer, List<string> sections, bool isSpec)
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

        writer.Close();
    }

    private static void EmitProperty(SourceWriter writer, GlobalModel global, string section, bool canSet)
    {
        string type = global.IsBoolean ? "bool" : global.Type;
        string read = $"{section}.Read<{global.Type}>({global.Offset}){(global.IsBoolean ? " != 0" : "")}";
        string constant = global.IsReadOnly ? "Constant" : "Variable";
        string summary = Documentation.Of(global.Note, $"{constant} {XmlText.Code(global.Declaration)} in {XmlText.Code(global.Section)}");
        string declaration = $"public {type} {global.Name}";
        if (!canSet)
        {
            writer.Gap().Line($"""
                {summary}
                {SourcePlace.Map(global.Note, declaration, $"=> {read};")}
                """);
            return;
        }

        string value = global.IsBoolean ? "value ? (byte)1 : (byte)0" : "value";
        writer.Gap().Line($$"""
            {{summary}}
            {{SourcePlace.Map(global.Note, declaration)}}
            {
                get => {{read}};
                set => {{section}}.Write<{{global.Type}}>({{global.Offset}}, {{value}});
            }
            """);
    }
}
