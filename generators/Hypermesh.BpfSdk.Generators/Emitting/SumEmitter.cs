using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes the addition of two CPUs' values of a struct.</summary>
internal static class SumEmitter
{
    public static void Emit(SourceWriter writer, StructModel model)
    {
        writer.Gap().Line("""
            /// <summary>Adds one CPU's value to a total. Sums wrap around on overflow, as the kernel's counters do.</summary>
            /// <param name="total">The total so far.</param>
            /// <param name="value">The value of one more CPU.</param>
            """);
        writer.Open($"public static void Add(ref {model.Name} total, in {model.Name} value)").Open("unchecked");
        foreach (FieldModel field in model.Fields.Where(field => field.Sum is not null))
        {
            EmitField(writer, field, field.Sum!);
        }

        writer.Close().Close();
    }

    private static void EmitField(SourceWriter writer, FieldModel field, SumModel sum)
    {
        string index = "";
        for (int i = 0; i < sum.Dimensions.Count; i++)
        {
            writer.Open($"for (int i{i} = 0; i{i} < {sum.Dimensions[i]}; i{i}++)");
            index += $"[i{i}]";
        }

        writer.Line(Statement(sum, $"total.{field.Name}{index}", $"value.{field.Name}{index}"));
        foreach (int _ in sum.Dimensions)
        {
            writer.Close();
        }
    }

    private static string Statement(SumModel sum, string total, string value) => sum switch
    {
        { StructType: { } type } => $"{type}.Add(ref {total}, in {value});",
        { Operation: SumOperation.Maximum } => $"{total} = {value} > {total} ? {value} : {total};",
        { Operation: SumOperation.Minimum } => $"{total} = {value} < {total} ? {value} : {total};",
        _ => $"{total} += {value};",
    };
}
