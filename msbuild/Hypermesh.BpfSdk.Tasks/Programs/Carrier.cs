using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>The object as text for the generator, which may read nothing else: a few lines of facts, then the object in base64.</summary>
internal static class Carrier
{
    private const int Columns = 76;

    /// <summary>The lines before the object. They say all that the skeleton depends on beside the object itself.</summary>
    public static string Header(BpfProgramFile program, string clangVersion)
        => $"""
            hypermesh-bpf-carrier 1
            source {program.RelativeSource}
            namespace {program.Name.Namespace}
            class {program.Name.ClassName}
            accessibility {program.Accessibility}
            resource {program.Name.ResourceName}
            clang {clangVersion}
            mcpu {program.Mcpu}

            """.Replace("\r", "");

    /// <summary>The whole text.</summary>
    public static string Text(string header, byte[] image)
    {
        StringBuilder text = new(header);
        text.Append("sha256 ").Append(Fingerprint.Of(image)).Append("\n\n");
        string base64 = Convert.ToBase64String(image);
        for (int i = 0; i < base64.Length; i += Columns)
        {
            text.Append(base64, i, Math.Min(Columns, base64.Length - i)).Append('\n');
        }

        return text.ToString();
    }
}
