using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the groups of the live object: typed maps, programs, globals, links.</summary>
internal static class LiveGroupsEmitter
{
    private const string Live = "global::Hypermesh.Bpf.BpfObject live";

    public static void Emit(SourceWriter writer, SkeletonModel model)
    {
        EmitMaps(writer, model);
        EmitPrograms(writer, model);
        GlobalsEmitter.Emit(writer, model, isSpec: false);
        EmitLinks(writer, model);
        if (model.StructOps.Count > 0)
        {
            StructOpsEmitter.EmitLive(writer, model);
        }
    }

    private static void EmitMaps(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The maps of {XmlText.Code(model.Source)}.</summary>
            public sealed class MapSet
            """);
        writer.Open($"internal MapSet({Live})");
        foreach (MapModel map in model.Maps)
        {
            string counter = map.DropCounter is null ? "" : $", live.GetMap({CSharpLiterals.Text(map.DropCounter)})";
            string argument = map.Argument is null ? "" : $", {map.Argument}";
            writer.Line($"{map.Name} = new {map.Type}(live.GetMap({CSharpLiterals.Text(map.CName)}){counter}{argument});");
        }

        writer.Close();
        foreach (MapModel map in model.Maps)
        {
            writer.Gap().Line($$"""
                {{Documentation.Of(map.Note, Describe(map))}}
                {{SourcePlace.Map(map.Note, $"public {map.Type} {map.Name}", "{ get; }")}}
                """);
        }

        writer.Close();
    }

    private static void EmitPrograms(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The programs of {XmlText.Code(model.Source)}.</summary>
            public sealed class ProgramSet
            """);
        writer.Open($"internal ProgramSet({Live})");
        foreach (ProgramModel program in model.Programs)
        {
            writer.Line($"{program.Name} = live.GetProgram<{program.Type}>({CSharpLiterals.Text(program.CName)});");
        }

        writer.Close();
        foreach (ProgramModel program in model.Programs)
        {
            writer.Gap().Line($$"""
                {{Documentation.Of(program.Note, Describe(program))}}
                {{SourcePlace.Map(program.Note, $"public {program.Type} {program.Name}", "{ get; }")}}
                """);
        }

        writer.Close();
    }

    private static void EmitLinks(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The links of the programs of {XmlText.Code(model.Source)}.</summary>
            public sealed class LinkSet
            """);
        writer.Line("""
            private readonly ProgramSet _programs;

            internal LinkSet(ProgramSet programs) => _programs = programs;
            """);
        foreach (ProgramModel program in model.Programs)
        {
            writer.Gap().Line($$"""
                /// <summary>The current link of program {{XmlText.Code(program.CName)}}; null while it is not attached.</summary>
                {{SourcePlace.Map(program.Note, $"public global::Hypermesh.Bpf.BpfProgramLink? {program.Name}", $"=> LinkOf(_programs.{program.Name});")}}
                """);
        }

        writer.Close();
    }

    /// <summary>Describes a map for a summary.</summary>
    public static string Describe(MapModel map) => $"Map {XmlText.Code(map.CName)}: {XmlText.Escape(map.Description)}";

    /// <summary>Describes a program for a summary. The line is that of the declaration, where a note has it, or of the first instruction.</summary>
    public static string Describe(ProgramModel program)
        => $"Program {XmlText.Code(program.CName)}, section {XmlText.Code(program.Section)}" + (program.Line > 0 && program.Note is null ? $", line {program.Line}" : "");
}
