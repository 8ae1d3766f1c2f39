using System.Reflection;
using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Unit.PublicApi;

/// <summary>The rules of CONTRIBUTING, "Names of the API", on every public type and member.</summary>
public sealed class PublicNameTests
{
    // What the kernel calls things that are not BPF's own.
    private static readonly string[] s_kernelTerms =
    [
        "Btf", "CGroup", "ControlGroup", "Iterator", "KProbe", "Kernel", "Lirc", "Lpm", "Netfilter", "Network", "Packet", "PerCpu", "Perf", "PossibleCpus", "Probe",
        "Route", "SkSkb", "Tc", "UProbe", "Usdt", "Xdp",
    ];

    private static readonly Type[] s_public =
    [
        .. new[] { typeof(BpfMap), typeof(BpfObjectSpec) }.SelectMany(static one => one.Assembly.GetExportedTypes()).Where(static type => !type.IsNested),
    ];

    private static IEnumerable<MethodInfo> Methods => s_public.SelectMany(static type
        => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly));

    [Fact]
    public void A_type_has_the_prefix_or_the_name_of_a_thing_of_the_kernel()
    {
        Assert.DoesNotContain(
            s_public.Select(static type => type is { IsInterface: true, Name: ['I', .. var rest] } ? rest : type.Name),
            static name => !name.StartsWith("Bpf", StringComparison.Ordinal) && !s_kernelTerms.Any(term => name.StartsWith(term, StringComparison.Ordinal)));
        Assert.All(s_kernelTerms, static term => Assert.Contains(s_public, type => type.Name.StartsWith(term, StringComparison.Ordinal)));
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
    public void What_has_a_handle_of_its_own_is_disposed_by_its_owner()
    {
        // A program belongs to an object, unless it is of a class that is disposed; the map of a struct_ops map or a section is the object's, that of a target the caller's.
        HashSet<Type> ofOthers = [typeof(BpfProgram), typeof(BpfStructOps), typeof(BpfGlobalSection), typeof(IteratorTarget)];
        Type[] owners =
        [
            .. s_public.Where(static type => type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Any(static field => typeof(System.Runtime.InteropServices.SafeHandle).IsAssignableFrom(field.FieldType) || field.FieldType == typeof(BpfMapHandle))),
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
        Assert.Empty(
            from type in s_public
            from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where property.Name.EndsWith("Flags", StringComparison.Ordinal) && !property.PropertyType.IsEnum
            select $"{type.Name}.{property.Name}");
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
