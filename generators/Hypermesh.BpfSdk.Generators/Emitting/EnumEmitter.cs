using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Emitting;

/// <summary>Writes an enum with the size and sign it has in C.</summary>
internal static class EnumEmitter
{
    public static void Emit(SourceWriter writer, EnumModel model)
    {
        writer.Gap().Open($"""
            /// <summary>C: {XmlText.Code(model.CName)}.</summary>
            public enum {model.Name} : {model.Underlying}
            """);
        foreach (EnumConstantModel constant in model.Constants)
        {
            writer.Gap().Line($"""
                /// <summary>C: {XmlText.Code(constant.CName)}.</summary>
                {constant.Name} = {constant.Value},
                """);
        }

        writer.Close();
    }
}
