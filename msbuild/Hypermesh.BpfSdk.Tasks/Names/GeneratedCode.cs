using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.BpfSdk.Tasks.Names;

/// <summary>Finds the folder of generated code. A <c>#line</c> in it names a file relative to that folder, so that the same source gives the same code in every folder.</summary>
internal static class GeneratedCode
{
    private const string GeneratorAssembly = "Hypermesh.BpfSdk.Generators";
    private const string Generator = "Hypermesh.BpfSdk.Generators.BpfSkeletonGenerator";

    /// <summary>Returns the relative path from the folder of the generator's files to the project's folder, with a slash at its end.</summary>
    /// <param name="generatedFiles">The folder of the C# compiler for the files of all generators.</param>
    /// <param name="projectDirectory">The project's folder.</param>
    public static string WayBack(string generatedFiles, string projectDirectory)
    {
        const string Anything = "_";
        string file = RelativePath.Of(Path.Combine(generatedFiles, GeneratorAssembly, Generator), Path.Combine(projectDirectory, Anything));
        return file.Substring(0, file.Length - Anything.Length);
    }
}
