using System.Text.Json;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Carriers;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Parsing;
using Hypermesh.BpfSdk.Skeletons.Sources;
using Hypermesh.BpfSdk.Tasks.Layouts;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>The compiled bindings of one object beside what others say of it.</summary>
/// <param name="Path">The object.</param>
/// <param name="Carrier">Its carrier.</param>
/// <param name="Parsed">Its types and their C# names.</param>
internal sealed record Bindings(string Path, Carrier Carrier, ParsedSkeleton Parsed)
{
    private SkeletonModel Model => Parsed.Skeleton;

    /// <summary>Reads an object as the generator does; null where it makes nothing of it.</summary>
    public static Bindings? Of(string path, string source, string @namespace, string className)
    {
        var carrier = new Carrier(source, @namespace, className, "public", "resource", File.ReadAllBytes(path));
        return SkeletonParser.ParseWithTypes(carrier) is { } parsed ? new Bindings(path, carrier, parsed) : null;
    }

    /// <summary>The text the generator reads.</summary>
    public CarrierFile ToFile() => new(Path, CarrierWriter.Text(CarrierWriter.Header(Carrier), [], Carrier.Image));

    /// <summary>Compares all structs with bpftool's account of the object.</summary>
    /// <returns>How many sizes and offsets were compared.</returns>
    public int CompareWith(BpftoolTypes bpftool, CompiledLayouts compiled, List<string> problems)
    {
        int compared = 0;
        foreach (NamedType named in Parsed.Named.Where(named => named.IsEmitted))
        {
            JsonElement type = bpftool[named.Id]!.Value;
            long size = bpftool.SizeOf(named.Id);
            if (size == 0)
            {
                continue;
            }

            StructLayout? layout = Find(compiled, named);
            compared++;
            if (layout?.Size != size)
            {
                problems.Add($"{Path}: {named.CName} has {size} bytes, compiled {layout?.Size}");
            }
            else if (BpftoolTypes.KindOf(type) is "STRUCT" or "UNION" && !KernelOwned.IsStruct(Parsed.Types[named.Id]))
            {
                compared += CompareMembers(bpftool, named, type, 0, layout, problems);
            }
        }

        return compared;
    }

    /// <summary>Says in C, as assertions a compiler checks, where C# has the fields of structs and how large they are.</summary>
    public IEnumerable<string> Assertions(CompiledLayouts compiled)
    {
        BtfTypes types = Parsed.Types;
        foreach (NamedType named in Parsed.Named.Where(named => named.IsEmitted && types[named.Id].Size > 0))
        {
            // A type without a name has its typedef's, if any; two types of one name bpftool tells apart by suffixes.
            BtfType type = types[named.Id];
            bool isTypedef = type.Name.Length == 0;
            if (named.CName.StartsWith($"{CTypeNames.Keyword(type.Kind)} in ", StringComparison.Ordinal) || Count(named.CName) > 1)
            {
                continue;
            }

            string cType = isTypedef ? named.CName : $"{CTypeNames.Keyword(type.Kind)} {type.Name}";
            StructLayout layout = Find(compiled, named)!;
            yield return $"_Static_assert(sizeof({cType}) == {layout.Size}, \"sizeof {cType}\");";
            if (!type.IsComposite || KernelOwned.IsStruct(type))
            {
                continue;
            }

            StructModel model = Model.Structs.First(candidate => candidate.Name == named.Name);
            foreach ((string cName, FieldModel field) in Members(type, model).Where(member => member.Field.Bits is null))
            {
                int offset = field.Kind == FieldKind.Flexible ? field.Offset : layout.Fields.First(candidate => candidate.Name == field.StorageName).Offset;
                yield return $"_Static_assert(__builtin_offsetof({cType}, {cName}) == {offset}, \"offsetof {cType}.{cName}\");";
                if (field.Kind != FieldKind.Flexible)
                {
                    int size = layout.Fields.First(candidate => candidate.Name == field.StorageName).Size;
                    yield return $"_Static_assert(sizeof((({cType} *)0)->{cName}) == {size}, \"sizeof {cType}.{cName}\");";
                }
            }
        }

        int Count(string cName) => Parsed.Named.Count(named => named.CName == cName);
    }

    private StructLayout? Find(CompiledLayouts compiled, NamedType named) => compiled.Find($"{Model.FullName.Replace("@", "", StringComparison.Ordinal)}+{named.Name}");

    // Each member of the C with its field, anonymous structs and unions gone through.
    private IEnumerable<(string CName, FieldModel Field)> Members(BtfType type, StructModel model)
    {
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string cName = Parsed.Types.GetString(member.NameOffset);
            BtfType inner = Parsed.Types[Parsed.Types.SkipModifiers(member.TypeId)];
            if (cName.Length == 0 && inner.IsComposite)
            {
                foreach ((string, FieldModel) found in Members(inner, model))
                {
                    yield return found;
                }
            }
            else if (FieldOf(model, cName) is { } field)
            {
                yield return (cName, field);
            }
        }
    }

    private static FieldModel? FieldOf(StructModel model, string cName) => model.Fields.FirstOrDefault(field => field.CName == cName);

    private int CompareMembers(BpftoolTypes bpftool, NamedType named, JsonElement type, long start, StructLayout layout, List<string> problems)
    {
        int compared = 0;
        foreach (JsonElement member in type.GetProperty("members").EnumerateArray())
        {
            int typeId = member.GetProperty("type_id").GetInt32();
            long bits = start + member.GetProperty("bits_offset").GetInt64();
            int width = member.TryGetProperty("bitfield_size", out JsonElement stated) ? stated.GetInt32() : 0;
            string cName = BpftoolTypes.NameOf(member);
            if (cName.Length == 0)
            {
                if (bpftool.Behind(typeId) is { } inner && BpftoolTypes.KindOf(inner) is "STRUCT" or "UNION")
                {
                    compared += CompareMembers(bpftool, named, bpftool.Behind(typeId)!.Value, bits, layout, problems);
                }

                continue;
            }

            compared++;
            if (Problem(bpftool, named, cName, typeId, bits, width, layout) is { } problem)
            {
                problems.Add($"{Path}: {named.CName}.{cName} {problem}");
            }
        }

        return compared;
    }

    private string? Problem(BpftoolTypes bpftool, NamedType named, string cName, int typeId, long bits, int width, StructLayout layout)
    {
        FieldModel? field = FieldOf(Model.Structs.First(candidate => candidate.Name == named.Name), cName);
        long size = bpftool.SizeOf(typeId);
        if (field is null)
        {
            return size == 0 ? null : "has no field";
        }

        if (field.Kind == FieldKind.Flexible)
        {
            return size == 0 && bits == field.Offset * 8L ? null : $"has {size} bytes at bit {bits}, and follows the struct at byte {field.Offset}";
        }

        if (width > 0)
        {
            // The hidden fields hold just these bits, at the shift the property uses.
            FieldLayout[] storage = [.. field.Bits!.Storage.Select(hidden => layout.Fields.First(candidate => candidate.Name == hidden.Name))];
            long first = (storage[0].Offset * 8L) + field.Bits.Shift;
            return first == bits && field.Bits.Width == width && (storage[^1].Offset + storage[^1].Size) * 8L >= bits + width ? null : $"has {width} bits at {bits}, compiled {field.Bits.Width} at {first}";
        }

        FieldLayout found = layout.Fields.First(candidate => candidate.Name == field.StorageName);
        return found.Offset * 8L == bits && found.Size == size ? null : $"has {size} bytes at bit {bits}, compiled {found.Size} at byte {found.Offset}";
    }
}
