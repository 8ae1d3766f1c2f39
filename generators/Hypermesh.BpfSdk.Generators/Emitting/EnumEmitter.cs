using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes an enum with the size and sign it has in C.</summary>
internal static class EnumEmitter
{
    public static void Emit(SourceWriter writer, EnumModel model)
    {
        writer.Gap().Open($"""
            {Documentation.Of(model.Note, $"C: {XmlText.Code(model.CName)}")}
            {SourcePlace.Map(model.Note, $"public enum {model.Name} : {model.Underlying}")}
            """);
        foreach (EnumConstantModel constant in model.Constants)
        {
            writer.Gap().Line($"""
                {Documentation.Of(constant.Note, $"C: {XmlText.Code(constant.CName)}")}
                {SourcePlace.Map(constant.Note, $"{constant.Name} = {constant.Value},")}
                """);
        }

        writer.Close();
    }
}
