using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>Debian's Chromium without a window, driven through its DevTools protocol.</summary>
internal sealed partial class Browser : Started
{
    private readonly ClientWebSocket _socket = new();
    private readonly string _folder;
    private int _last;

    private Browser(string program, string folder, IEnumerable<string> arguments)
        : base(program, arguments, [("HOME", folder)])
        => _folder = folder;

    /// <summary>What the page logged as an error, and its exceptions.</summary>
    internal List<string> Errors { get; } = [];

    /// <summary>Starts it with a page.</summary>
    internal static async Task<Browser> OpenAsync(string address, int width = 1280, int height = 1000)
    {
        string program = Installed("chromium", "chromium");
        string folder = Directory.CreateTempSubdirectory("hmbpf-browser-").FullName;
        var browser = new Browser(program, folder,
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update", "--remote-debugging-port=0",
            $"--window-size={width},{height}", $"--user-data-dir={folder}", "about:blank",
        ]);
        try
        {
            string devTools = await UntilAsync(() => Task.FromResult(DevTools().Match(browser.Error) is { Success: true } match ? match.Groups[1].Value : null), () => browser.Error);
            using var client = new HttpClient();
            string target = await UntilAsync(
                async () => JsonDocument.Parse(await client.GetStringAsync($"http://{devTools}/json/list")).RootElement.EnumerateArray()
                    .Where(static one => one.GetProperty("type").GetString() == "page").Select(static one => one.GetProperty("webSocketDebuggerUrl").GetString()).FirstOrDefault(),
                () => browser.Error);
            await browser._socket.ConnectAsync(new Uri(target), TestContext.Current.CancellationToken);
            foreach (string method in new[] { "Runtime.enable", "Log.enable", "Page.enable" })
            {
                await browser.CallAsync(method, new { });
            }

            await browser.CallAsync("Page.navigate", new { url = address });
            return browser;
        }
        catch
        {
            browser.Dispose();
            throw;
        }
    }

    /// <summary>Evaluates an expression in the page until its text fits a pattern, and returns the text.</summary>
    internal Task<string> TextAsync(string expression, string pattern)
    {
        string seen = "";
        return UntilAsync(
            async () =>
            {
                JsonElement answer = await CallAsync("Runtime.evaluate", new { expression = $"String({expression})", returnByValue = true });
                seen = answer.GetProperty("result").TryGetProperty("value", out JsonElement value) ? value.GetString() ?? "" : answer.GetRawText();
                return Regex.IsMatch(seen, pattern) ? seen : null;
            },
            () => $"{expression} is '{seen}', not {pattern}. {string.Join('\n', Errors)}");
    }

    /// <summary>Writes a picture of the page.</summary>
    internal async Task ScreenshotAsync(string path)
    {
        JsonElement picture = await CallAsync("Page.captureScreenshot", new { format = "png" });
        await File.WriteAllBytesAsync(path, Convert.FromBase64String(picture.GetProperty("data").GetString()!));
    }

    public override void Dispose()
    {
        _socket.Dispose();
        base.Dispose();
        try
        {
            Directory.Delete(_folder, recursive: true);
        }
        catch (IOException)
        {
            // A process of the browser may still write its last file.
            Thread.Sleep(1000);
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task<JsonElement> CallAsync(string method, object parameters)
    {
        int id = ++_last;
        await _socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters }), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);
        while (true)
        {
            JsonElement message = await ReceiveAsync();
            if (message.TryGetProperty("id", out JsonElement answered) && answered.GetInt32() == id)
            {
                return message.TryGetProperty("result", out JsonElement result) ? result : throw new InvalidOperationException(message.GetRawText());
            }

            string? happened = message.TryGetProperty("method", out JsonElement name) ? name.GetString() : null;
            if (happened is "Runtime.exceptionThrown" || (happened is "Log.entryAdded" && message.GetProperty("params").GetProperty("entry").GetProperty("level").GetString() == "error"))
            {
                Errors.Add(message.GetRawText());
            }
        }
    }

    private async Task<JsonElement> ReceiveAsync()
    {
        using var whole = new MemoryStream();
        var part = new byte[64 * 1024];
        WebSocketReceiveResult received;
        do
        {
            received = await _socket.ReceiveAsync(part, TestContext.Current.CancellationToken);
            whole.Write(part, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return JsonDocument.Parse(Encoding.UTF8.GetString(whole.ToArray())).RootElement;
    }

    [GeneratedRegex(@"DevTools listening on ws://([0-9.:]+)/")]
    private static partial Regex DevTools();
}
