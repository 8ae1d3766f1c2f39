using System.Collections;
using System.Reflection;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>Walks all that objects hold. What the pipeline keeps between runs must not keep a compilation alive.</summary>
internal static class ObjectGraph
{
    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    public static void AssertPlain(IEnumerable<object> roots)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        foreach (object root in roots)
        {
            Visit(root, seen);
        }

        Assert.True(seen.Count > 100, "there was nothing to walk");
    }

    private static void Visit(object? node, HashSet<object> seen)
    {
        if (node is null || node is string || node is Type || node.GetType().IsPrimitive || !seen.Add(node))
        {
            return;
        }

        Assert.False(
            node is Compilation or ISymbol or SyntaxNode or SyntaxTree or Location or Diagnostic or SemanticModel or AdditionalText,
            $"the model holds a {node.GetType()}");
        if (node is Array array)
        {
            VisitAll(array, seen);
            return;
        }

        for (Type? type = node.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(AllFields))
            {
                Visit(field.GetValue(node), seen);
            }
        }
    }

    private static void VisitAll(IEnumerable items, HashSet<object> seen)
    {
        foreach (object? item in items)
        {
            Visit(item, seen);
        }
    }
}
