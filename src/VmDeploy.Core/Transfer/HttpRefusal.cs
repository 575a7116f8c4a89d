namespace VmDeploy.Transfer;

internal static class HttpRefusal
{
    // A longer body is a page for browsers, not a reason.
    private const int LongestReason = 500;

    /// <summary>The failure of an upload that the server refused; its message begins with the subject.</summary>
    public static async Task<VmDeployException> ReadAsync(HttpResponseMessage response, string subject, string file)
    {
        var words = (await response.Content.ReadAsStringAsync()).Trim();
        var reason = words.Length is > 0 and < LongestReason ? words : response.ReasonPhrase ?? "";
        return new VmDeployException(ErrorCodes.UploadRefused,
            $"{subject}: the host refused '{file}' with HTTP {(int)response.StatusCode}: {reason}", file);
    }
}
