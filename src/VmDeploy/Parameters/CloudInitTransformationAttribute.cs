using System.Collections;
using System.Security;
using VmDeploy.CloudInit;
using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>
/// Lets a document of cloud-init be given as text, as lines, as a file (a FileInfo, or the path of one that exists), or as a
/// hashtable, which becomes JSON: every JSON document is YAML too.
/// </summary>
[System.AttributeUsage(System.AttributeTargets.Property)]
public sealed class CloudInitTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>First line of a document that is made from a hashtable.</summary>
    public string? Header { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null => null,
            SecureString secret => JsonText.Reveal(secret),
            FileInfo file => Read(file.FullName),
            string text => ReadIfFile(engineIntrinsics, text),
            IDictionary or PSObject => (Header is null ? "" : Header + "\n") + JsonText.Write(value) + "\n",
            IEnumerable lines when LinesOf(lines) is { Count: > 0 } texts => ReadIfFile(engineIntrinsics, string.Join("\n", texts)),
            _ => throw new ArgumentTransformationMetadataException($"A text, a file or a hashtable is required, not {value.GetType().Name}."),
        };
    }

    // What Get-Content emits without -Raw.
    private static List<string>? LinesOf(IEnumerable values)
    {
        var lines = values.Cast<object?>().Select(one => PlainValue.Of(one) as string).ToList();
        return lines.Contains(null) ? null : lines.OfType<string>().ToList();
    }

    private static string ReadIfFile(EngineIntrinsics engine, string text)
    {
        if (text.Length == 0 || text.IndexOf('\n') >= 0 || text.StartsWith("#", System.StringComparison.Ordinal))
            return text;
        try
        {
            var path = engine.SessionState.Path.GetUnresolvedProviderPathFromPSPath(text, out var provider, out _);
            // Tab completion escapes brackets with backticks.
            if (!File.Exists(path))
                path = WildcardPattern.Unescape(path);
            if (provider.Name == "FileSystem" && File.Exists(path))
                return Read(path);
            return LooksLikePath(text) ? throw new ArgumentTransformationMetadataException($"File '{text}' not found.") : text;
        }
        catch (SessionStateException)
        {
            // 'version: 2' looks like a path on a drive.
            return text;
        }
    }

    private static string Read(string path)
    {
        try
        {
            if (RegularFile.Refusal(path) is { } reason)
                throw new ArgumentTransformationMetadataException($"'{path}' can't be read: {reason}");
            if (new FileInfo(path).Length is > NoCloudDrive.Size and var length)
                throw new ArgumentTransformationMetadataException($"'{path}' has {length} bytes; a cloud-init drive holds {NoCloudDrive.Size}.");
            return File.ReadAllText(path);
        }
        catch (System.Exception e) when (e is IOException or System.UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException($"'{path}' can't be read: {e.Message}");
        }
    }

    // One line with a separator or a usual extension is not a document of cloud-init.
    private static bool LooksLikePath(string text) =>
        text.IndexOf(": ", System.StringComparison.Ordinal) < 0 && text[0] is not ('{' or '[')
        && (text.IndexOfAny(['/', '\\']) >= 0 || Path.GetExtension(text).ToLowerInvariant() is ".yaml" or ".yml" or ".json" or ".cfg" or ".txt");
}
