using System.Net.Http;
using System.Threading.Tasks;

namespace VmDeploy.Transfer;

/// <summary>What a server says when it does not take a file.</summary>
internal static class HttpRefusal
{
    // More is a page for browsers, not a reason.
    private const int LongestReason = 500;

    /// <summary>The failure of an upload.</summary>
    /// <param name="response">The answer, no success.</param>
    /// <param name="subject">What the message begins with.</param>
    /// <param name="file">The file.</param>
    public static async Task<VmDeployException> ReadAsync(HttpResponseMessage response, string subject, string file)
    {
        var words = (await response.Content.ReadAsStringAsync()).Trim();
        var reason = words.Length is > 0 and < LongestReason ? words : response.ReasonPhrase ?? "";
        return new VmDeployException(ErrorCodes.UploadRefused,
            $"{subject}: the host refused '{file}' with HTTP {(int)response.StatusCode}: {reason}", file);
    }
}
