using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the group of struct_ops maps: for the spec, where values and programs are set, and for the live object, where they are attached.</summary>
internal static class StructOpsEmitter
{
    private const string Objects = "global::Hypermesh.Bpf.Objects.";
    private const string LiveTable = "global::Hypermesh.Bpf.BpfStructOps";

    public static void EmitLive(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The struct_ops maps of {XmlText.Code(model.Source)}.</summary>
            public sealed class StructOpsSet
            """);
        writer.Open("internal StructOpsSet(global::Hypermesh.Bpf.BpfObject live)");
        foreach (StructOpsModel table in model.StructOps)
        {
            writer.Line($"{table.Name} = live.GetStructOps({CSharpLiterals.Text(table.CName)});");
        }

        writer.Close();
        foreach (StructOpsModel table in model.StructOps)
        {
            writer.Gap().Line($$"""
                /// <summary>{{Describe(table)}}.</summary>
                public {{LiveTable}} {{table.Name}} { get; }
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
        foreach (StructOpsModel table in model.StructOps)
        {
            writer.Line($"{table.Name} = new {table.ClassName}(spec.StructOpsTable({CSharpLiterals.Text(table.CName)}));");
        }

        writer.Close();
        foreach (StructOpsModel table in model.StructOps)
        {
            writer.Gap().Line($$"""
                /// <summary>{{Describe(table)}}.</summary>
                public {{table.ClassName}} {{table.Name}} { get; }
                """);
        }

        foreach (StructOpsModel table in model.StructOps)
        {
            EmitTable(writer, table);
        }

        writer.Close();
    }

    private static void EmitTable(SourceWriter writer, StructOpsModel table)
    {
        writer.Gap().Open($"""
            /// <summary>{Describe(table)}, before it is loaded.</summary>
            public sealed class {table.ClassName}
            """);
        writer.Line($$"""
            internal {{table.ClassName}}({{Objects}}BpfStructOpsSpec table) => Table = table;

            /// <summary>The spec of the struct_ops map, whose members are found by name.</summary>
            public {{Objects}}BpfStructOpsSpec Table { get; }

            /// <summary>False to leave out the map, and with it the programs that only this map uses.</summary>
            public bool Enabled
            {
                get => Table.Enabled;
                set => Table.Enabled = value;
            }
            """);
        foreach (StructOpsFieldModel field in table.Fields)
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
            { Type: null } => ($"{Objects}BpfProgramSpec?", $"Table.Member({name}).Program", $"Table.Member({name}).Program = value", "The program for"),
            { IsBoolean: true } => ("bool", $"Table.Read<byte>({name}) != 0", $"Table.Write<byte>({name}, value ? (byte)1 : (byte)0)", "Value"),
            _ => (field.Type, $"Table.Read<{field.Type}>({name})", $"Table.Write<{field.Type}>({name}, value)", "Value"),
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

    private static string Describe(StructOpsModel table) => $"struct_ops map {XmlText.Code(table.CName)}: {XmlText.Code("struct " + table.CType)}";
}
