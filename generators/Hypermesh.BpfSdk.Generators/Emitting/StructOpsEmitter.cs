using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the group of operations tables: of the spec, where values and programs are chosen, and of the live object, where they are registered.</summary>
internal static class StructOpsEmitter
{
    private const string Objects = "global::Hypermesh.Bpf.Objects.";
    private const string LiveTable = "global::Hypermesh.Bpf.BpfStructOps";

    public static void EmitLive(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The operations tables of {XmlText.Code(model.Source)}.</summary>
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
            /// <summary>The operations tables of {XmlText.Code(model.Source)}: their values, and the programs in place of functions.</summary>
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

            /// <summary>The table, by names.</summary>
            public {{Objects}}BpfStructOpsSpec Table { get; }

            /// <summary>False to leave it out, and with it the programs only it uses.</summary>
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
            { Type: null } => ($"{Objects}BpfProgramSpec?", $"Table.Member({name}).Program", $"Table.Member({name}).Program = value", "The program in place of"),
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

    private static string Describe(StructOpsModel table) => $"Operations table {XmlText.Code(table.CName)}: {XmlText.Code("struct " + table.CType)}";
}
