using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Testing;

namespace Hypermesh.Bpf.Tests.Unit.PublicApi;

/// <summary>The rules of CONTRIBUTING, "Names of the API", on every public type and member of the five libraries.</summary>
public sealed class PublicNameTests
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    // What the kernel calls things that are not BPF's own.
    private static readonly string[] s_kernelTerms =
    [
        "Btf", "CGroup", "ControlGroup", "Iterator", "KProbe", "Kernel", "Lirc", "Lpm", "Netfilter", "Network", "Packet", "PerCpu", "Perf", "PossibleCpus", "Probe",
        "Route", "SkSkb", "SocketBuffer", "Tc", "Tcp", "UProbe", "Usdt", "Xdp",
    ];

    // What monitors measure, what is said of them, and what the test kit makes.
    private static readonly string[] s_subjects =
    [
        "Cpu", "Disk", "Exp2Histogram", "File", "Gpu", "GroundTruth", "Hook", "Memory", "Monitor", "Oom", "Otlp", "Pressure", "Private", "Process", "Reclaim", "Stimulus", "TestPacket",
    ];

    private static readonly Type[] s_public =
    [
        .. new[] { typeof(BpfMap), typeof(BpfObjectSpec), typeof(CpuMonitor), typeof(BpfTemplate), typeof(BpfFactAttribute) }.SelectMany(static one => one.Assembly.GetExportedTypes()).Where(static type => !type.IsNested),
    ];

    private static IEnumerable<MethodInfo> Methods => s_public.SelectMany(static type => type.GetMethods(Declared));

    private static IEnumerable<PropertyInfo> Properties => s_public.SelectMany(static type => type.GetProperties(Declared));

    private static IEnumerable<ParameterInfo> Parameters => Methods.Concat<MethodBase>(s_public.SelectMany(static type => type.GetConstructors())).SelectMany(static method => method.GetParameters());

    [Fact]
    public void A_type_has_the_prefix_or_the_name_of_a_thing_of_the_kernel()
    {
        string[] terms = [.. s_kernelTerms, .. s_subjects];
        Assert.DoesNotContain(
            s_public.Select(static type => type is { IsInterface: true, Name: ['I', .. var rest] } ? rest : type.Name),
            name => !name.StartsWith("Bpf", StringComparison.Ordinal) && !terms.Any(term => name.StartsWith(term, StringComparison.Ordinal)));
        Assert.All(terms, static term => Assert.Contains(s_public, type => type.Name.StartsWith(term, StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_opened_is_disposed_by_the_caller_and_what_is_made_From_something_is_not()
    {
        MethodInfo[] opened = [.. Methods.Where(static method => method.Name.StartsWith("Open", StringComparison.Ordinal))];
        Assert.NotEmpty(opened);
        Assert.All(opened, static method => Assert.True(typeof(IDisposable).IsAssignableFrom(Result(method)), $"{method.DeclaringType}.{method.Name}"));
        MethodInfo[] made = [.. Methods.Where(static method => method is { IsStatic: true } && method.Name.StartsWith("From", StringComparison.Ordinal))];
        Assert.NotEmpty(made);
        Assert.All(made, static method => Assert.False(typeof(IDisposable).IsAssignableFrom(Result(method)), $"{method.DeclaringType}.{method.Name}"));
    }

    [Fact]
    public void A_method_that_opens_or_finds_something_takes_what_its_name_says()
        => Assert.Empty(
            from method in Methods
            where method.IsStatic && method.GetParameters().Length > 0
            let key = method.Name switch
            {
                "Open" when method.GetParameters()[0].ParameterType == typeof(string) => "path",
                "OpenPinned" => "path",
                ['O', 'p', 'e', 'n', .. { Length: > 0 } rest] => rest,
                ['F', 'r', 'o', 'm', .. { Length: > 0 } rest] => rest,
                _ => null,
            }
            where key is not null && !string.Equals(method.GetParameters()[0].Name, key, StringComparison.OrdinalIgnoreCase)
            select $"{method.DeclaringType}.{method.Name}({method.GetParameters()[0].Name})");

    [Fact]
    public void A_handle_is_a_SafeHandle()
    {
        // What the kernel calls the handle of a filter is a number.
        HashSet<Type> numbers = [typeof(TcFilter), typeof(TcFilterOptions)];
        PropertyInfo[] handles = [.. Properties.Where(static property => property.Name == "Handle")];
        Assert.Contains(typeof(BpfMapHandle), handles.Select(static property => property.DeclaringType));
        Assert.All(handles, property => Assert.Equal(numbers.Contains(property.DeclaringType!) ? typeof(uint) : typeof(SafeHandle), property.PropertyType));
    }

    [Fact]
    public void What_has_a_handle_of_its_own_is_disposed_by_its_owner()
    {
        // A program belongs to an object, unless it is of a class that is disposed; the map of a struct_ops map, a section or a reload is the object's, that of a target the caller's.
        HashSet<Type> ofOthers = [typeof(BpfProgram), typeof(BpfStructOps), typeof(BpfGlobalSection), typeof(BpfMapReload), typeof(IteratorTarget)];
        Type[] owners =
        [
            .. s_public.Where(static type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Any(static field => typeof(SafeHandle).IsAssignableFrom(field.FieldType) || field.FieldType == typeof(BpfMapHandle) || field.FieldType == typeof(MapState))),
        ];
        Assert.Contains(typeof(BpfMapHandle), owners);
        Assert.Contains(typeof(BpfMap), owners);
        Assert.All(owners, type => Assert.True(
            type.IsValueType || typeof(IDisposable).IsAssignableFrom(type) || ofOthers.Any(of => of.IsAssignableFrom(type)), type.FullName));
    }

    [Fact]
    public void No_member_hides_one_of_a_base_class()
        => Assert.Empty(
            from type in s_public
            where type.IsClass
            from member in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            where member.GetMethod is { } get && get.GetBaseDefinition() == get
            where member.Name != "EqualityContract" && type.BaseType!.GetProperties(BindingFlags.Public | BindingFlags.Instance).Any(other => other.Name == member.Name)
            select $"{type.Name}.{member.Name}");

    [Fact]
    public void Flags_are_enums()
    {
        (string Name, Type Type, string Place)[] flags =
        [
            .. Properties.Select(static property => (property.Name, property.PropertyType, $"{property.DeclaringType}.{property.Name}"))
                .Concat(Parameters.Select(static parameter => (parameter.Name!, parameter.ParameterType, $"{parameter.Member.DeclaringType}.{parameter.Member.Name}({parameter.Name})")))
                .Where(static one => one.Item1.EndsWith("flags", StringComparison.OrdinalIgnoreCase)),
        ];
        Assert.Contains("flags", flags.Select(static one => one.Name));
        Assert.All(flags, static one => Assert.True((Nullable.GetUnderlyingType(one.Type) ?? (one.Type.IsByRef ? one.Type.GetElementType()! : one.Type)).IsEnum, one.Place));
    }

    [Fact]
    public void Extension_methods_of_own_types_are_for_interfaces_and_constrained_type_arguments()
        => Assert.Empty(
            from method in Methods
            where method.IsDefined(typeof(ExtensionAttribute))
            let self = method.GetParameters()[0].ParameterType
            where !self.IsInterface && self.Assembly == method.DeclaringType!.Assembly && !self.IsGenericType
            select $"{method.DeclaringType!.Name}.{method.Name}({self.Name})");

    private static Type Result(MethodInfo method) => Nullable.GetUnderlyingType(method.ReturnType) ?? method.ReturnType;
}
