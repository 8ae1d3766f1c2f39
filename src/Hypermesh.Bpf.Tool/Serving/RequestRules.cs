using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>
/// What every request has to keep to: GET only, the token where there is one, and on loopback a host that is this machine, so that a page of another site reaches nothing, also not by a name that it
/// points at this machine. Answers have headers that keep a browser from running or embedding anything else.
/// </summary>
internal static class RequestRules
{
    private const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    internal static RequestDelegate Before(RequestDelegate next, AccessToken? token) => context =>
    {
        SetHeaders(context.Response.Headers);
        return Refusal(context.Request, token) is { } refusal ? RefuseAsync(context, refusal) : next(context);
    };

    /// <summary>Why a request is refused; null when it is not.</summary>
    internal static (int Status, string Why)? Refusal(HttpRequest request, AccessToken? token)
    {
        if (!HttpMethods.IsGet(request.Method))
        {
            return (StatusCodes.Status405MethodNotAllowed, "Only GET is answered.");
        }

        if (token is null && request.Host.Host is not ("localhost" or "127.0.0.1" or "[::1]"))
        {
            return (StatusCodes.Status400BadRequest, "The host of the address has to be localhost, 127.0.0.1 or [::1].");
        }

        // Browsers say where a request comes from. A site on another port of this machine is another site too.
        if (request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none"))
        {
            return (StatusCodes.Status403Forbidden, "Requests of other sites are not answered. Type the address.");
        }

        if (request.Headers.Origin is { Count: > 0 } origin && !string.Equals(origin, $"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            return (StatusCodes.Status403Forbidden, "Requests of other sites are not answered.");
        }

        return token is not null && !token.Fits(request.Headers.Authorization) ? (StatusCodes.Status401Unauthorized, "The header 'Authorization: Bearer TOKEN' is missing, or has another token.") : null;
    }

    private static void SetHeaders(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    private static Task RefuseAsync(HttpContext context, (int Status, string Why) refusal)
    {
        context.Response.StatusCode = refusal.Status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (refusal.Status == StatusCodes.Status405MethodNotAllowed)
        {
            context.Response.Headers.Allow = "GET";
        }
        else if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = new StringValues("Bearer");
        }

        return context.Response.WriteAsync(refusal.Why + "\n", context.RequestAborted);
    }
}
