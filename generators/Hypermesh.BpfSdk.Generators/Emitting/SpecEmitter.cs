using Hypermesh.Bpf.Objects.Compatibility;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the spec: what can be changed before the object is loaded, and the load itself.</summary>
internal static class SpecEmitter
{
    public static void Emit(SourceWriter writer, SkeletonModel model)
    {
        writer.Gap().Open($"""
            /// <summary>The BPF object of {XmlText.Code(model.Source)} before it is loaded, when it can still be changed.</summary>
            {SourcePlace.Map(model.Note, "public sealed class Spec : global::Hypermesh.Bpf.BpfSkeletonSpec")}
            """);
        EmitLoad(writer, model);
        EmitGroup(
            writer,
            $"The maps of {XmlText.Code(model.Source)}: sizes and flags",
            "MapSet",
            model.Maps.Select(map => new Entry(map.Name, "BpfMapSpec", $"Map({CSharpLiterals.Text(map.CName)})", LiveGroupsEmitter.Describe(map), map.Note)));
        EmitGroup(
            writer,
            $"The programs of {XmlText.Code(model.Source)}: which are loaded, and which are optional",
            "ProgramSet",
            model.Programs.Select(program => new Entry(program.Name, "BpfProgramSpec", $"Program({CSharpLiterals.Text(program.CName)})", LiveGroupsEmitter.Describe(program), program.Note)));
        GlobalsEmitter.Emit(writer, model, isSpec: true);
        if (model.StructOps.Count > 0)
        {
            StructOpsEmitter.EmitSpec(writer, model);
        }

        writer.Close();
    }

    private static void EmitLoad(SourceWriter writer, SkeletonModel model)
    {
        EmitConstructor(writer, model);
        if (model.StructOps.Count > 0)
        {
            writer.Gap().Line("""
                /// <summary>The struct_ops maps: the values of their members, and their programs.</summary>
                public StructOpsSet StructOps { get; }
                """);
        }

        EmitMembers(writer, model);
    }

    private static void EmitConstructor(SourceWriter writer, SkeletonModel model)
    {
        writer.Open($"""
            internal Spec(global::Hypermesh.Bpf.Objects.BpfObjectSpec? replacement = null)
                : base({SkeletonAbi.Current}, {CSharpLiterals.Text(SkeletonEmitter.Version)}, typeof({model.TypeReference}).Assembly, {CSharpLiterals.Text(model.Resource)}, {CSharpLiterals.Text(model.ObjectName)}, replacement)
            """);
        writer.Line("""
            Maps = new MapSet(Object);
            Programs = new ProgramSet(Object);
            Globals = new GlobalSet(Object);
            """);
        if (model.StructOps.Count > 0)
        {
            writer.Line("StructOps = new StructOpsSet(Object);");
        }

        writer.Close();
    }

    private static void EmitMembers(SourceWriter writer, SkeletonModel model) => writer.Gap().Line($$"""
        /// <summary>The maps: sizes and flags.</summary>
        public MapSet Maps { get; }

        /// <summary>The programs: which are loaded, and which are optional.</summary>
        public ProgramSet Programs { get; }

        /// <summary>The global variables, constants included, as they will be loaded.</summary>
        public GlobalSet Globals { get; }

        /// <summary>Creates the maps and loads the programs. Requires Linux and CAP_BPF, for tracing programs also CAP_PERFMON, for network programs also CAP_NET_ADMIN.</summary>
        /// <param name="options">The options; null for the defaults.</param>
        /// <returns>The live object, which the caller disposes. Nothing is attached yet.</returns>
        /// <exception cref="global::Hypermesh.Bpf.BpfException">The load failed; the type and message of the exception say what failed, why, and what to do.</exception>
        /// <exception cref="global::System.PlatformNotSupportedException">This is not Linux.</exception>
        public {{model.TypeReference}} Load(global::Hypermesh.Bpf.BpfLoadOptions? options = null)
        {
            global::Hypermesh.Bpf.BpfObject live = LoadObject(options);
            try
            {
                return new {{model.TypeReference}}(live);
            }
            catch
            {
                live.Dispose();
                throw;
            }
        }
        """);

    private static void EmitGroup(SourceWriter writer, string summary, string name, IEnumerable<Entry> entries)
    {
        List<Entry> all = entries.ToList();
        writer.Gap().Open($"""
            /// <summary>{summary}.</summary>
            public sealed class {name}
            """);
        writer.Open($"internal {name}(global::Hypermesh.Bpf.Objects.BpfObjectSpec spec)");
        foreach (Entry entry in all)
        {
            writer.Line($"{entry.Name} = spec.{entry.LookUp};");
        }

        writer.Close();
        foreach (Entry entry in all)
        {
            writer.Gap().Line($$"""
                {{Documentation.Of(entry.Note, entry.Facts)}}
                {{SourcePlace.Map(entry.Note, $"public global::Hypermesh.Bpf.Objects.{entry.Type} {entry.Name}", "{ get; }")}}
                """);
        }

        writer.Close();
    }

    private sealed record Entry(string Name, string Type, string LookUp, string Facts, SourceNote? Note);
}
