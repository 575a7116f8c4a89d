using System.Text;

namespace VmDeploy.Transfer;

/// <summary>Status line and headers of an HTTP response that is read without HttpClient.</summary>
internal sealed record ResponseHead(int Status, string? Location)
{
    private const int MaxLength = 16 * 1024;

    /// <summary>Reads it, but nothing of the body.</summary>
    /// <exception cref="IOException">The connection ended first, or this is not HTTP.</exception>
    public static async Task<ResponseHead> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!(head.Length >= 4 && head[head.Length - 1] == '\n' && head.ToString(head.Length - 4, 4) == "\r\n\r\n"))
        {
            if (head.Length == MaxLength || await stream.ReadAsync(one, 0, 1) == 0)
                throw new IOException(head.Length == 0 ? "it was closed without an answer" : "the answer is not HTTP");
            head.Append((char)one[0]);
        }
        var lines = head.ToString().Split(["\r\n"], StringSplitOptions.RemoveEmptyEntries);
        var words = lines.Length > 0 ? lines[0].Split(' ') : [];
        if (words.Length < 2 || !words[0].StartsWith("HTTP/", StringComparison.Ordinal) || !int.TryParse(words[1], out var status))
            throw new IOException("the answer is not HTTP");
        const string location = "location:";
        var target = Array.Find(lines, line => line.StartsWith(location, StringComparison.OrdinalIgnoreCase));
        return new ResponseHead(status, target?.Substring(location.Length).Trim());
    }
}
