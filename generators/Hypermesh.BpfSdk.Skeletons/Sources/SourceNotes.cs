using Hypermesh.BpfSdk.Skeletons.Helpers;
using Hypermesh.BpfSdk.Skeletons.Model;

namespace Hypermesh.BpfSdk.Skeletons.Sources;

/// <summary>
/// Adds the carrier's notes to everything in a skeleton. The keys are names in C: <c>struct event.pid</c> for a type with a tag, the name
/// alone for variables, maps, programs and constants.
/// </summary>
internal sealed class SourceNotes(IReadOnlyDictionary<string, SourceNote> notes)
{
    private static readonly string[] s_namespaces = ["", "struct ", "union ", "enum "];

    public SkeletonModel Annotate(SkeletonModel model, SourceNote? ofFile) => notes.Count == 0 ? model : model with
    {
        Note = ofFile,
        Maps = model.Maps.Select(map => map with { Note = Find(map.CName) }).ToEquatableArray(),
        Programs = model.Programs.Select(program => program with { Note = Find(program.CName) }).ToEquatableArray(),
        Globals = model.Globals.Select(global => global with { Note = Find(global.CName) }).ToEquatableArray(),
        Structs = model.Structs.Select(Annotate).ToEquatableArray(),
        Enums = model.Enums.Select(Annotate).ToEquatableArray(),
    };

    /// <summary>Finds a declaration by its name or its key; null when it is not known.</summary>
    public SourceNote? Of(string cName)
    {
        SourceNote? note = s_namespaces.Select(kind => Find(kind + cName)).FirstOrDefault(found => found is not null);
        if (note is null)
        {
            List<SourceNote> fields = notes.Where(entry => entry.Key.EndsWith("." + cName, StringComparison.Ordinal)).Select(entry => entry.Value).ToList();
            note = fields.Count == 1 ? fields[0] : null;
        }

        return note;
    }

    private StructModel Annotate(StructModel type) => type with
    {
        Note = Find(type.Key),
        Fields = type.Fields.Select(field => field with { Note = Find($"{type.Key}.{field.CName}") }).ToEquatableArray(),
    };

    private EnumModel Annotate(EnumModel type) => type with
    {
        Note = Find(type.Key),
        Constants = type.Constants.Select(constant => constant with { Note = Find(constant.CName) }).ToEquatableArray(),
    };

    private SourceNote? Find(string key) => notes.TryGetValue(key, out SourceNote? note) ? note : null;
}
