using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Names;
using Microsoft.Build.Framework;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>One C file of the project: the metadata of its item, and its outputs.</summary>
internal sealed class BpfProgramFile
{
    private static readonly char[] s_list = [';', '\r', '\n'];

    // Where outputs are placed by the path of the source, no folder has a dot in its name, so this one cannot conflict with them.
    private const string ByClass = "by.class";

    private string _outputs = "";

    /// <summary>Reads an item.</summary>
    /// <param name="item">The <c>BpfCompile</c> item.</param>
    /// <param name="projectDirectory">The folder relative paths start from.</param>
    /// <param name="rootNamespace">The project's namespace.</param>
    /// <param name="files">Reads the state of files.</param>
    public BpfProgramFile(ITaskItem item, string projectDirectory, string rootNamespace, LinkedFiles files)
    {
        // A path with .. starts from the real folder of the project, even where the project was reached through a link: clang and the C# compiler look there too.
        Source = files.Full(projectDirectory, item.ItemSpec);
        RelativeSource = RelativePath.Of(LinkedFiles.LeadsUp(item.ItemSpec) ? files.Folder(projectDirectory) : projectDirectory, Source);
        Name = SkeletonName.Of(Source, rootNamespace, item.GetMetadata("Namespace").Trim(), item.GetMetadata("ClassName").Trim());
        Accessibility = item.GetMetadata("Accessibility").Trim() is { Length: > 0 } accessibility ? accessibility : "public";
        Mcpu = item.GetMetadata("Mcpu").Trim() is { Length: > 0 } mcpu ? mcpu : "v3";
        MinimumKernel = item.GetMetadata("MinimumKernel").Trim() is { Length: > 0 } kernel ? kernel : "5.10";
        Endianness = item.GetMetadata("Endianness").Trim() is { Length: > 0 } endianness ? endianness : "little";
        Defines = List(item, "Defines");
        IncludePaths = List(item, "IncludePaths");
        AdditionalOptions = [.. ResponseFile.Split(item.GetMetadata("AdditionalOptions"))];
    }

    /// <summary>The full path of the C file.</summary>
    public string Source { get; }

    /// <summary>Its path from the project's folder, with forward slashes.</summary>
    public string RelativeSource { get; }

    /// <summary>The same path as an argument of clang.</summary>
    public string SourceArgument => ClangArguments.OfFile(RelativeSource);

    /// <summary>The name of its class.</summary>
    public SkeletonName Name { get; }

    /// <summary><c>public</c> or <c>internal</c>.</summary>
    public string Accessibility { get; }

    /// <summary>The instruction set.</summary>
    public string Mcpu { get; }

    /// <summary>The oldest kernel that it supports, such as <c>5.10</c>.</summary>
    public string MinimumKernel { get; }

    /// <summary><c>little</c>, or <c>both</c> for a second object for big-endian machines.</summary>
    public string Endianness { get; }

    /// <summary>True when there is a second object.</summary>
    public bool IsForBoth => Endianness == "both";

    /// <summary>Macros, as <c>NAME</c> or <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Defines { get; }

    /// <summary>Folders to search for headers, from the project's folder.</summary>
    public IReadOnlyList<string> IncludePaths { get; }

    /// <summary>More arguments for clang.</summary>
    public IReadOnlyList<string> AdditionalOptions { get; }

    /// <summary>clang's object, with debug information.</summary>
    public string RawObject => _outputs + ".raw.o";

    /// <summary>The rule that names the headers read.</summary>
    public string DependencyFile => _outputs + ".raw.o.d";

    /// <summary>clang's arguments.</summary>
    public string ArgumentFile => _outputs + ".rsp";

    /// <summary>The stripped object, which is embedded.</summary>
    public string Object => _outputs + ".o";

    /// <summary>The object for big-endian machines, where there is one; its arguments and clang's output are beside it.</summary>
    public string BigEndianObject => IsForBoth ? _outputs + ".be.o" : "";

    /// <summary>The text the generator reads.</summary>
    public string CarrierFile => _outputs + ".elf.txt";

    /// <summary>Written when a kernel's verifier has accepted the object.</summary>
    public string VerifierStamp => _outputs + ".verified";

    /// <summary>The stamp, which is written last: it lists the inputs of the outputs.</summary>
    public string Stamp => _outputs + ".stamp";

    /// <summary>The path of its committed object, relative to the folder of the committed objects.</summary>
    public string Prebuilt { get; private set; } = "";

    /// <summary>clang's output for the second object.</summary>
    public static string BigEndianRawObject(string bigEndianObject) => Path.ChangeExtension(bigEndianObject, ".raw.o");

    /// <summary>The file with the arguments for the second object.</summary>
    public static string BigEndianArgumentFile(string bigEndianObject) => Path.ChangeExtension(bigEndianObject, ".rsp");

    /// <summary>Returns the arguments with which clang compiles the file.</summary>
    /// <param name="projectDirectory">The folder clang runs in.</param>
    /// <param name="packageIncludes">The folder of the SDK's own headers.</param>
    /// <param name="systemIncludes">The folders of the machine's headers, in clang's order.</param>
    /// <param name="isBigEndian">True for the second object of a file that has two.</param>
    public ClangOptions Options(string projectDirectory, string packageIncludes, IReadOnlyList<string> systemIncludes, bool isBigEndian = false) => new()
    {
        Directory = projectDirectory,
        Source = RelativeSource,
        Object = isBigEndian ? BigEndianRawObject(BigEndianObject) : RawObject,
        DependencyFile = isBigEndian ? BigEndianObject + ".d" : DependencyFile,
        IsBigEndian = isBigEndian,
        Mcpu = Mcpu,
        Defines = Defines,
        IncludePaths = IncludePaths,
        PackageIncludes = packageIncludes,
        SystemIncludes = systemIncludes,
        AdditionalOptions = AdditionalOptions,
    };

    /// <summary>Returns the facts about the skeleton for the carrier, without the object.</summary>
    /// <param name="root">The relative path from the generated code to the project's folder.</param>
    public Carrier Facts(string root)
        => new(RelativeSource, Name.Namespace, Name.ClassName, Accessibility, Name.ResourceName, []) { Root = root, OldestKernel = Version.Parse(MinimumKernel) };

    /// <summary>
    /// Gives each file its own outputs: at its path in the project or, where two files would have the same outputs, by its class. The names of classes differ even when case
    /// is ignored.
    /// </summary>
    /// <param name="files">All files of the project.</param>
    /// <param name="outputDirectory">The folder for the outputs.</param>
    public static void Place(IReadOnlyList<BpfProgramFile> files, string outputDirectory)
    {
        foreach (IGrouping<string, BpfProgramFile> same in files.GroupBy(file => file.PlaceInProject, StringComparer.OrdinalIgnoreCase))
        {
            bool isByPlace = same.Key.Length > 0 && same.Count() == 1;
            foreach (BpfProgramFile file in same)
            {
                file._outputs = Path.Combine(outputDirectory, isByPlace ? same.Key : $"{ByClass}/{file.Name.FullName}") + ".bpf";
                file.Prebuilt = isByPlace ? file.RelativeSource + ".txt" : $"{ByClass}/{file.Name.FullName}.bpf.c.txt";
            }
        }
    }

    // Empty outside the project, and where a name has a character with a meaning to MSBuild, clang or the C# compiler. Folders have no dot and outputs have one, so their
    // names differ.
    private string PlaceInProject
    {
        get
        {
            string place = RelativeSource.Substring(0, RelativeSource.Length - Path.GetFileName(RelativeSource).Length);
            string stem = SkeletonName.Stem(Source);
            return IsPlain(place, '/') && IsPlain(stem, '.') ? place + stem : "";
        }
    }

    private static bool IsPlain(string text, char also)
    {
        foreach (char c in text)
        {
            if (c != also && !char.IsLetterOrDigit(c) && c is not ('_' or '-' or ' '))
            {
                return false;
            }
        }

        return true;
    }

    private static string[] List(ITaskItem item, string metadata)
        => [.. item.GetMetadata(metadata).Split(s_list).Select(entry => entry.Trim()).Where(entry => entry.Length > 0)];
}
