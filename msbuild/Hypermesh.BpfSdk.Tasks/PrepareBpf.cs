using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Tasks.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Files;
using Hypermesh.BpfSdk.Tasks.Names;
using Hypermesh.BpfSdk.Tasks.Programs;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Hypermesh.BpfSdk.Tasks;

/// <summary>
/// Names classes and outputs, writes clang's arguments, and deletes the stamp of each file that must be compiled again.
/// Runs in every build and starts no program.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class PrepareBpf : BpfTask
{
    private const string ProgramClass = "Program";

    private static readonly Regex s_twoMacros = new(@"^\w+(=[^,""'(]*)?\s*,\s*[A-Za-z_]\w*(=[^""'(]*)?(,.*)?$", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>The C files.</summary>
    [Required]
    public ITaskItem[] Sources { get; set; } = [];

    /// <summary>The project, for messages.</summary>
    public string Project { get; set; } = "";

    /// <summary>Files beside the project in which properties are set: those that its folder adds to each project, and the C# file of a one-file program.</summary>
    public string[] PropertyFiles { get; set; } = [];

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The folder for the outputs.</summary>
    [Required]
    public string OutputDirectory { get; set; } = "";

    /// <summary>The folder of the SDK's own headers.</summary>
    [Required]
    public string PackageIncludes { get; set; } = "";

    /// <summary>The program that reads the comments of the C; empty when they are not read.</summary>
    public string CommentProgram { get; set; } = "";

    /// <summary>The folder of the C# compiler for generated files.</summary>
    public string GeneratedFilesDirectory { get; set; } = "";

    /// <summary>The output type of the project: an application has a class Program of its own.</summary>
    public string OutputType { get; set; } = "";

    /// <summary>The namespace of classes without the metadata Namespace.</summary>
    public string RootNamespace { get; set; } = "";

    /// <summary>The folders that the variables <c>CPATH</c> and <c>C_INCLUDE_PATH</c> add to clang's search.</summary>
    public string SearchVariables { get; set; } = "";

    /// <summary>The clang that <see cref="FindClang"/> found; null in an editor on a machine without one.</summary>
    public ITaskItem? Clang { get; set; }

    /// <summary>The paths of <c>compile_commands.json</c> to write.</summary>
    public ITaskItem[] CompileCommandsFiles { get; set; } = [];

    /// <summary>The C files with their names and outputs as metadata.</summary>
    [Output]
    public ITaskItem[] Programs { get; set; } = [];

    /// <inheritdoc/>
    protected override bool Run()
    {
        string directory = Path.GetFullPath(ProjectDirectory);
        string outputs = Path.GetFullPath(Path.Combine(directory, OutputDirectory));
        LinkedFiles disk = new();
        BpfProgramFile[] files = [.. Sources.Select(item => new BpfProgramFile(item, directory, RootNamespace, disk))];
        CheckMetadata(directory);
        CheckUpdates(directory, files);
        CheckProperties();
        Check(files);
        if (Log.HasLoggedErrors)
        {
            return false;
        }

        BpfProgramFile.Place(files, outputs);

        List<(BpfProgramFile, IReadOnlyList<string>)> commands = [];
        List<ITaskItem> programs = [];
        string root = CommentProgram.Length > 0 ? GeneratedCode.WayBack(Path.Combine(directory, GeneratedFilesDirectory), directory) : "";
        string makers = $"{typeof(PrepareBpf).Module.ModuleVersionId}\n{Clang?.ItemSpec} {Clang?.GetMetadata("Version")}\n{(CommentProgram.Length > 0 ? disk.StateOf(CommentProgram) : "")}\n{SearchVariables}";
        foreach (BpfProgramFile file in files)
        {
            IReadOnlyList<string> arguments = ClangArguments.For(file.Options(directory, Path.GetFullPath(PackageIncludes), SystemIncludes));
            string header = CarrierWriter.Header(file.Facts(root));

            // The text itself: setting up cryptography for a hash would cost more than the rest of a build that has nothing to do.
            string fingerprint = $"{makers}\n{header}\n{file.Endianness}\n{ResponseFile.Text(arguments)}";
            string searched = "";
            if (Clang is not null)
            {
                ContentFile.WriteWhenDifferent(file.ArgumentFile, ResponseFile.Text(arguments));
                if (file.IsForBoth)
                {
                    IReadOnlyList<string> second = ClangArguments.For(file.Options(directory, Path.GetFullPath(PackageIncludes), SystemIncludes, isBigEndian: true));
                    ContentFile.WriteWhenDifferent(BpfProgramFile.BigEndianArgumentFile(file.BigEndianObject), ResponseFile.Text(second));
                }

                if (!BuildState.IsCurrent(file, fingerprint, disk))
                {
                    File.Delete(file.Stamp);
                    // Needed only where something is compiled.
                    searched = string.Join("\n", SearchedFolders(arguments, directory, disk));
                }
            }

            commands.Add((file, arguments));
            programs.Add(Item(file, header, fingerprint, searched));
        }

        if (Clang is not null)
        {
            string json = CompileCommands.Json(Clang.ItemSpec, directory, commands);
            foreach (ITaskItem target in CompileCommandsFiles)
            {
                ContentFile.WriteWhenDifferent(Path.GetFullPath(Path.Combine(directory, target.ItemSpec)), json);
            }
        }

        Programs = [.. programs];
        return true;
    }

    private string[] SystemIncludes => Clang?.GetMetadata("SystemIncludes").Split(['\n'], StringSplitOptions.RemoveEmptyEntries) ?? [];

    private IEnumerable<string> SearchedFolders(IReadOnlyList<string> arguments, string directory, LinkedFiles disk)
        => ClangArguments.SearchedFolders(arguments)
            .Concat(SearchVariables.Split([Path.PathSeparator], StringSplitOptions.RemoveEmptyEntries))
            .Append($"{Clang?.GetMetadata("ResourceDirectory")}/include")
            .Select(folder => disk.Full(directory, folder))
            .Distinct(StringComparer.Ordinal);

    private static TaskItem Item(BpfProgramFile file, string header, string fingerprint, string searchedFolders)
    {
        TaskItem item = new(MSBuildText.Escape(file.Source));
        Dictionary<string, string> metadata = new(StringComparer.Ordinal)
        {
            ["ArgumentFile"] = file.ArgumentFile,
            ["BigEndianObject"] = file.BigEndianObject,
            ["Carrier"] = file.CarrierFile,
            ["CarrierHeader"] = header,
            ["DependencyFile"] = file.DependencyFile,
            ["Fingerprint"] = fingerprint,
            // In the form of a using directive.
            ["Namespace"] = CSharpNames.EscapeQualified(file.Name.Namespace),
            ["Object"] = file.Object,
            ["Prebuilt"] = file.Prebuilt,
            ["RawObject"] = file.RawObject,
            ["RelativeSource"] = file.RelativeSource,
            ["ResourceName"] = file.Name.ResourceName,
            ["SearchedFolders"] = searchedFolders,
            ["SourceArgument"] = file.SourceArgument,
            ["Stamp"] = file.Stamp,
            ["VerifierStamp"] = file.VerifierStamp,
        };
        foreach (KeyValuePair<string, string> one in metadata)
        {
            item.SetMetadata(one.Key, MSBuildText.Escape(one.Value));
        }

        return item;
    }

    private void Check(BpfProgramFile[] files)
    {
        // The names of generated files must not differ by case alone.
        Dictionary<string, BpfProgramFile> byName = new(StringComparer.OrdinalIgnoreCase);
        foreach (BpfProgramFile file in files)
        {
            SkeletonName name = file.Name;
            if (!File.Exists(file.Source))
            {
                Error(file, DiagnosticCodes.SourceMissing, "The file does not exist.");
            }

            if (!CSharpNames.IsTypeName(name.ClassName))
            {
                Error(file, DiagnosticCodes.InvalidName, $"'{name.ClassName}' is not a valid class name; set the metadata ClassName of the BpfCompile item.");
            }

            if (name.Namespace.Length > 0 && !CSharpNames.IsNamespace(name.Namespace))
            {
                Error(file, DiagnosticCodes.InvalidName, $"'{name.Namespace}' is not a valid namespace; set the metadata Namespace of the BpfCompile item.");
            }

            if (file.Accessibility is not ("public" or "internal"))
            {
                Error(file, DiagnosticCodes.InvalidName, $"The metadata Accessibility is '{file.Accessibility}'; it can be public or internal.");
            }

            if (file.Endianness is not ("little" or "both"))
            {
                Error(file, DiagnosticCodes.InvalidEndianness, $"The metadata Endianness is '{file.Endianness}'; it can be little, or both for a second object for big-endian machines.");
            }

            CheckList(file, "Defines", file.Defines, "-D", "names of macros");
            CheckList(file, "IncludePaths", file.IncludePaths, "-I", "folders");
            CheckCommas(file);
            if (!Version.TryParse(file.MinimumKernel, out _))
            {
                Error(file, DiagnosticCodes.InvalidKernel, $"'{file.MinimumKernel}' is not a release of Linux; set BpfMinimumKernel, or the metadata MinimumKernel, to one such as 5.10.");
            }

            if (byName.TryGetValue(name.FullName, out BpfProgramFile? other))
            {
                Error(file, DiagnosticCodes.SameClassTwice, SameClass(file, other));
            }
            else if (files.FirstOrDefault(one => one.Name.Namespace == name.FullName || one.Name.Namespace.StartsWith(name.FullName + ".", StringComparison.Ordinal)) is { } inside)
            {
                Error(
                    file, DiagnosticCodes.SameClassTwice,
                    $"The class {name.FullName} has the same name as the namespace of {inside.Name.FullName}, which is made from {inside.RelativeSource}; set the metadata ClassName or Namespace of one of the BpfCompile items.");
            }

            if (name.ClassName == ProgramClass && OutputType is ("Exe" or "WinExe"))
            {
                Log.LogWarning(
                    null, DiagnosticCodes.NamedProgram, null, file.Source, 0, 0, 0, 0, "{0}",
                    $"The class {name.FullName} has the name of the class that the C# compiler generates for top-level statements: there, Program means that class, and Program.Open does not exist. Rename the file, "
                    + $"or set the class name in the project: <BpfCompile Update=\"{file.RelativeSource}\" ClassName=\"…\" />.");
            }

            byName[name.FullName] = file;
            if (name.IsSuffixed)
            {
                Log.LogMessage(
                    null, DiagnosticCodes.ClassSuffixed, null, file.Source, 0, 0, 0, 0, MessageImportance.Normal,
                    "The class is {0}, because its namespace ends in the name that it would have. Set the metadata ClassName for another name.", name.FullName);
            }
        }
    }

    private static string SameClass(BpfProgramFile file, BpfProgramFile other)
    {
        string name = file.Name.FullName;
        if (string.Equals(file.RelativeSource, other.RelativeSource, StringComparison.Ordinal))
        {
            return $"The file is listed twice as BpfCompile, and both items make the class {name}. Every *.bpf.c of the project is listed automatically: use Update instead of Include to "
                + "set metadata, or set the metadata ClassName or Namespace of one item for a second class of the same file.";
        }

        string taken = name == other.Name.FullName ? "" : $", and differs from {other.Name.FullName} by case only";
        return $"The class {name} is already made from {other.RelativeSource}{taken}; rename one of the two files, or set the metadata ClassName or Namespace of one of the BpfCompile items.";
    }

    // Once for each name, because a wildcard gives the same metadata to all files.
    private void CheckMetadata(string directory)
    {
        var reported = new HashSet<string>(StringComparer.Ordinal);
        foreach ((ITaskItem item, string written, string known) in Sources.SelectMany(static item => KnownMetadata.Misspelt(item).Select(one => (item, one.Written, one.Known))))
        {
            if (reported.Add(written))
            {
                Log.LogWarning(
                    null, DiagnosticCodes.MisspeltMetadata, null, Project.Length > 0 ? Project : Path.Combine(directory, item.ItemSpec), LineOfMetadata(written), 0, 0, 0, "{0}",
                    $"The metadata {written} of <BpfCompile> for {item.ItemSpec} has no effect: nothing reads it. Write {known}=\"{item.GetMetadata(written)}\".");
            }
        }
    }

    private void CheckUpdates(string directory, BpfProgramFile[] files)
    {
        foreach ((string name, int line) in UnmatchedUpdates.In(Project, directory, [.. files.Select(static file => file.Source)]))
        {
            var near = new NearNames(name);
            foreach (BpfProgramFile file in files)
            {
                near.See(file.RelativeSource);
            }

            string remedy = near.Best.Count > 0 ? $"Write Update=\"{near.Best[0]}\""
                : File.Exists(Path.Combine(directory, name)) ? $"Only *.bpf.c of the project's folder are items by themselves. Write Include=\"{name}\""
                : $"Name a file from the project's folder, such as Update=\"{files[0].RelativeSource}\"";
            Log.LogWarning(
                null, DiagnosticCodes.UnmatchedUpdate, null, Project, line, 0, 0, 0, "{0}",
                $"<BpfCompile Update=\"{name}\"> has no effect: no C file of the project has this name. {remedy}.");
        }
    }

    private void CheckProperties()
    {
        IReadOnlyDictionary<string, string> commandLine = (BuildEngine as IBuildEngine6)?.GetGlobalProperties() ?? new Dictionary<string, string>();
        foreach (MisspeltProperty one in MisspeltProperties.In([Project, .. PropertyFiles], commandLine))
        {
            Log.LogWarning(null, DiagnosticCodes.MisspeltProperty, null, one.File.Length > 0 ? one.File : Project, one.Line, 0, 0, 0, "{0}", one.Explain());
        }
    }

    private void CheckList(BpfProgramFile file, string metadata, IReadOnlyList<string> values, string option, string what)
    {
        if (values.FirstOrDefault(value => value.StartsWith(option, StringComparison.Ordinal)) is { } wrong)
        {
            string right = string.Join(";", values.Select(value => value.StartsWith(option, StringComparison.Ordinal) ? value.Substring(option.Length).TrimStart() : value));
            Log.LogError(
                null, DiagnosticCodes.OptionInList, null, Project, LineInProject(wrong), 0, 0, 0, "{0}",
                $"{metadata} of {file.RelativeSource} has '{wrong}'; it takes {what} without {option}. Write {metadata}=\"{right}\". Options of clang belong in AdditionalOptions.");
        }
    }

    // -D takes one macro: for A=1,B clang defines A with the value 1,B.
    private void CheckCommas(BpfProgramFile file)
    {
        if (file.Defines.FirstOrDefault(static value => s_twoMacros.IsMatch(value)) is { } wrong)
        {
            Log.LogError(
                null, DiagnosticCodes.OptionInList, null, Project, LineInProject(wrong), 0, 0, 0, "{0}",
                $"Defines of {file.RelativeSource} has '{wrong}', with a comma between macros; it takes them with a semicolon. Write Defines=\"{string.Join(";", file.Defines).Replace(",", ";").Replace(" ", "")}\". A value that has a comma belongs in AdditionalOptions.");
        }
    }

    // The same word may be a property's name, or another item's.
    private int LineOfMetadata(string name)
    {
        string[] lines = File.Exists(Project) ? File.ReadAllLines(Project) : [];
        int begin = Array.FindIndex(lines, static line => line.IndexOf("BpfCompile", StringComparison.Ordinal) >= 0);
        return begin < 0 ? 0 : Array.FindIndex(lines, begin, line => Regex.IsMatch(line, $@"(^|[\s<]){Regex.Escape(name)}\s*[=>]")) + 1;
    }

    // MSBuild does not give a task the line of an item. Returns 0 where the text comes from another file.
    private int LineInProject(string text)
        => File.Exists(Project) ? Array.FindIndex(File.ReadAllLines(Project), line => line.IndexOf(text, StringComparison.Ordinal) >= 0) + 1 : 0;

    private void Error(BpfProgramFile file, string code, string message)
        => Log.LogError(null, code, null, file.Source, 0, 0, 0, 0, "{0}", message);
}
