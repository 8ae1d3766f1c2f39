using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the group of struct_ops maps: for the spec, where values and programs are set, and for the live object, where they are attached.</summary>
internal static class StructOpsEmitter
{
    private const string Objects = "global::Hypermesh.Bpf.Objects.";
    private const string LiveMap = "global::Hypermesh.Bpf.BpfStructOps";

    public static void EmitLive(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The struct_ops maps of {XmlText.Code(model.Source)}.</summary>
            public sealed class StructOpsSet
            """);
        writer.Open("internal StructOpsSet(global::Hypermesh.Bpf.BpfObject live)");
        foreach (StructOpsModel map in model.StructOps)
        {
            writer.Line($"{map.Name} = live.GetStructOps({CSharpLiterals.Text(map.CName)});");
        }

        writer.Close();
        foreach (StructOpsModel map in model.StructOps)
        {
            writer.Gap().Line($$"""
                /// <summary>{{Describe(map)}}.</summary>
                public {{LiveMap}} {{map.Name}} { get; }
                """);
        }

        writer.Close();
    }

    public static void EmitSpec(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The struct_ops maps of {XmlText.Code(model.Source)}: the values of their members, and their programs.</summary>
            public sealed class StructOpsSet
            """);
        writer.Open($"internal StructOpsSet({Objects}BpfObjectSpec spec)");
        foreach (StructOpsModel map in model.StructOps)
        {
            writer.Line($"{map.Name} = new {map.ClassName}(spec.StructOpsMap({CSharpLiterals.Text(map.CName)}));");
        }

        writer.Close();
        foreach (StructOpsModel map in model.StructOps)
        {
            writer.Gap().Line($$"""
                /// <summary>{{Describe(map)}}.</summary>
                public {{map.ClassName}} {{map.Name}} { get; }
                """);
        }

        foreach (StructOpsModel map in model.StructOps)
        {
            EmitMap(writer, map);
        }

        writer.Close();
    }

    private static void EmitMap(SourceWriter writer, StructOpsModel map)
    {
        writer.Gap().Open($"""
            /// <summary>{Describe(map)}, before it is loaded.</summary>
            public sealed class {map.ClassName}
            """);
        writer.Line($$"""
            internal {{map.ClassName}}({{Objects}}BpfStructOpsSpec spec) => Spec = spec;

            /// <summary>The spec of the struct_ops map, whose members are found by name.</summary>
            public {{Objects}}BpfStructOpsSpec Spec { get; }

            /// <summary>False to leave out the map, and with it the programs that only this map uses.</summary>
            public bool Enabled
            {
                get => Spec.Enabled;
                set => Spec.Enabled = value;
            }
            """);
        foreach (StructOpsFieldModel field in map.Fields)
        {
            EmitField(writer, field);
        }

        writer.Close();
    }

    private static void EmitField(SourceWriter writer, StructOpsFieldModel field)
    {
        string name = CSharpLiterals.Text(field.CName);
        (string type, string read, string write, string what) = field switch
        {
            { Type: null } => ($"{Objects}BpfProgramSpec?", $"Spec.Member({name}).Program", $"Spec.Member({name}).Program = value", "The program for"),
            { IsBoolean: true } => ("bool", $"Spec.Read<byte>({name}) != 0", $"Spec.Write<byte>({name}, value ? (byte)1 : (byte)0)", "Value"),
            _ => (field.Type, $"Spec.Read<{field.Type}>({name})", $"Spec.Write<{field.Type}>({name}, value)", "Value"),
        };
        writer.Gap().Line($$"""
            /// <summary>{{what}} {{XmlText.Code(field.Declaration)}}.</summary>
            public {{type}} {{field.Name}}
            {
                get => {{read}};
                set => {{write}};
            }
            """);
    }

    private static string Describe(StructOpsModel map) => $"struct_ops map {XmlText.Code(map.CName)}: {XmlText.Code("struct " + map.CType)}";
}
