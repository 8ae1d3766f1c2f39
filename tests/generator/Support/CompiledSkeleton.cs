using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis.Emit;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>The skeleton of a carrier, compiled and loaded.</summary>
internal static class CompiledSkeleton
{
    public static Type Of(string carrier)
    {
        using var image = new MemoryStream();
        EmitResult result = GeneratorRun.Of(carrier).Whole().Emit(image, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics));
        image.Position = 0;
        Assembly assembly = new AssemblyLoadContext(carrier, isCollectible: true).LoadFromStream(image);
        return assembly.GetType("Carriers.Sample." + carrier, throwOnError: true)!;
    }
}
