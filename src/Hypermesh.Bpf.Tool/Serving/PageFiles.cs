using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>The files of the page, which are inside the assembly.</summary>
internal static class PageFiles
{
    private static readonly (string Path, string Resource, string ContentType)[] s_files =
    [
        ("/", "index.html", "text/html; charset=utf-8"),
        ("/page.css", "page.css", "text/css; charset=utf-8"),
        ("/page.js", "page.js", "text/javascript; charset=utf-8"),
        ("/charts.js", "charts.js", "text/javascript; charset=utf-8"),
        ("/favicon.ico", "icon.svg", "image/svg+xml"),
    ];

    internal static void Map(IEndpointRouteBuilder endpoints)
    {
        foreach ((string path, string resource, string contentType) in s_files)
        {
            byte[] content = Read(resource);
            endpoints.MapMethods(path, [HttpMethods.Get], context =>
            {
                context.Response.ContentType = contentType;
                context.Response.ContentLength = content.Length;
                return context.Response.Body.WriteAsync(content, 0, content.Length, context.RequestAborted);
            });
        }
    }

    private static byte[] Read(string resource)
    {
        using Stream from = Assembly.GetExecutingAssembly().GetManifestResourceStream("page/" + resource) ?? throw new InvalidOperationException($"The assembly has no resource page/{resource}.");
        using var to = new MemoryStream();
        from.CopyTo(to);
        return to.ToArray();
    }
}
