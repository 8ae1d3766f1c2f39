using System.Reflection;
using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.BpfSdk.Skeletons.Parsing;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.Bpf.Tests.Generator.Parsing;

/// <summary>The generator's tables against the library's: a program that is generated as one class and loaded as another fails only when it runs.</summary>
public sealed class LibraryTests
{
    [Fact]
    public void Every_way_of_attaching_has_the_class_the_loader_makes()
    {
        Assembly library = Assembly.Load("Hypermesh.Bpf");
        MethodInfo create = library.GetType("Hypermesh.Bpf.Loading.Programs.ProgramFactory", throwOnError: true)!
            .GetMethod("Create", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)!;
        Type kindOfLibrary = create.GetParameters()[0].ParameterType;
        object descriptor = RuntimeHelpers.GetUninitializedObject(create.GetParameters()[1].ParameterType);

        Assert.Equal(Enum.GetNames<AttachKind>(), Enum.GetNames(kindOfLibrary));
        Assert.All(Enum.GetValues<AttachKind>(), kind =>
        {
            object program = create.Invoke(null, [Enum.ToObject(kindOfLibrary, (int)kind), descriptor])!;
            Assert.Equal(ProgramClasses.Find(kind), "global::" + program.GetType().FullName);
        });
    }

    [Fact]
    public void Every_class_of_map_is_in_the_library()
    {
        HashSet<string> classes = [.. Assembly.Load("Hypermesh.Bpf").GetExportedTypes().Select(type => type.FullName!)];

        Assert.All(Enum.GetValues<BpfMapType>().Select(MapClasses.Find), row =>
        {
            string arity = row.Arguments switch
            {
                MapArguments.None => "",
                MapArguments.KeyAndValue or MapArguments.KeyAndInner => "`2",
                _ => "`1",
            };
            Assert.Contains($"Hypermesh.Bpf.{row.Name}{arity}", classes);
        });
    }
}
