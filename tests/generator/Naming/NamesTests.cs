extern alias library;
using System.Reflection;
using System.Text;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Naming;

namespace Hypermesh.Bpf.Tests.Generator.Naming;

/// <summary>The rule for names, as a table, and the names it must stay clear of.</summary>
public sealed class NamesTests
{
    private static readonly Type[] s_visible =
        [.. new[] { typeof(object), typeof(Console), typeof(List<>), typeof(PriorityQueue<,>), typeof(SortedSet<>), typeof(Enumerable), typeof(HttpClient), typeof(Barrier), typeof(Parallel), typeof(Uri), typeof(library::Hypermesh.Bpf.BpfObject), typeof(Mutex), typeof(Timer), typeof(DriveInfo), typeof(LinkedList<>) }
            .Select(type => type.Assembly).Distinct().SelectMany(assembly => assembly.GetTypes())];

    private static readonly string[] s_cNames =
    [
        "pid", "min_duration_ns", "sched_exec", "task_newtask", "MAX_ENTRIES", "IPv4_addr", "tcpRTT", "TCP_RTT", "X", "x", "io", "IO", "cpu0", "CPU0",
        "slots_1_2", "slots1_2", "a_1b", "_leading", "__double", "trailing_", "__be32", "_1st", "_", "__", "already_PascalCase", "AlreadyPascal", "camelCase",
        "class", "event", "namespace", "event.kind", "x__y", "u64", "s8", "naïve_ns",
    ];

    [Fact]
    public void The_table_is_the_accepted_one()
    {
        var table = new StringBuilder();
        foreach (string name in s_cNames)
        {
            table.Append(name).Append(" -> ").Append(CSharpNames.ToPascalCase(name)).Append('\n');
        }

        GoldenFile.Check("Names", table.ToString());
    }

    [Fact]
    public void Types_that_every_file_sees_are_where_the_table_says_and_are_public()
        => Assert.All(ImplicitTypes.All, entry => Assert.Contains(
            s_visible, type => type.IsVisible && type.Namespace == entry.Value && type.Name.Split('`')[0] == entry.Key));

    [Fact]
    public void Every_name_made_is_an_identifier() => Assert.All(s_cNames, name => Assert.True(CSharpNames.IsIdentifier(CSharpNames.ToPascalCase(name)), name));

    [Theory]
    [InlineData("i_nlink __i_nlink", "INlink __INlink")]
    [InlineData("__i_nlink i_nlink", "__INlink INlink")]
    [InlineData("bpf_iter_task bpf_iter__task other_task", "BpfIterTask BpfIter_Task OtherTask")]
    [InlineData("_a __a", "_A __A")]
    [InlineData("_ __", "_ __")]
    [InlineData("__alone x__y", "Alone XY")]
    public void Names_that_differ_only_in_underscores_keep_them_where_needed(string cNames, string names)
    {
        var findings = new Findings("a.bpf.c", _ => new SourcePosition("a.bpf.c", 1));
        var scope = new NameScope("a place", "Field", [], findings);
        scope.Foresee(cNames.Split(' '));

        string[] found = [.. cNames.Split(' ').Select(cName => scope.TryClaim("field", cName, out string name) ? name : "")];

        Assert.Equal(names, string.Join(' ', found));
        Assert.Empty(findings.ToArray());
    }

    [Theory]
    [InlineData("Hypermesh.Bpf.BpfSkeleton")]
    [InlineData("Hypermesh.Bpf.BpfSkeletonSpec")]
    public void Members_of_the_base_classes_are_reserved(string baseClass)
    {
        Type type = Assembly.Load("Hypermesh.Bpf").GetType(baseClass, throwOnError: true)!;
        IEnumerable<string> inherited = type
            .GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static)
            .Where(member => member is not MethodBase { IsSpecialName: true } && member is not MethodBase { IsPrivate: true } and not (FieldInfo or TypeInfo))
            .Select(member => member.Name);

        // C types are nested in the skeleton only; the spec has no names of the user's.
        IEnumerable<string> reserved = ReservedNames.OfObject.Concat(ReservedNames.OfSkeleton).Concat(["Object", "LoadObject", "GetMap", "GetProgram", "GetSection"]);
        Assert.Empty(inherited.Except(reserved));
    }
}
