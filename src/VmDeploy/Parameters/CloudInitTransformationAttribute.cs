using System.Collections;
using VmDeploy.CloudInit;
using VmDeploy.Transfer;

namespace VmDeploy.PowerShell;

/// <summary>
/// Lets a document of cloud-init be given as text, as a file (a FileInfo, or the path of one that exists), or as a hashtable,
/// which becomes JSON: every JSON document is YAML too.
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
            FileInfo file => Read(file.FullName),
            string text => ReadIfFile(engineIntrinsics, text),
            IDictionary or PSObject => (Header is null ? "" : Header + "\n") + ToJson(engineIntrinsics, value) + "\n",
            _ => throw new ArgumentTransformationMetadataException($"A text, a file or a hashtable is required, not {value.GetType().Name}."),
        };
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
        if (RegularFile.Refusal(path) is { } reason)
            throw new ArgumentTransformationMetadataException($"'{path}' can't be read: {reason}");
        if (new FileInfo(path).Length is > NoCloudDrive.Size and var length)
            throw new ArgumentTransformationMetadataException($"'{path}' has {length} bytes; a cloud-init drive holds {NoCloudDrive.Size}.");
        return File.ReadAllText(path);
    }

    // One line with a separator or a usual extension is not a document of cloud-init.
    private static bool LooksLikePath(string text) =>
        text.IndexOf(": ", System.StringComparison.Ordinal) < 0 && text[0] is not ('{' or '[')
        && (text.IndexOfAny(['/', '\\']) >= 0 || Path.GetExtension(text).ToLowerInvariant() is ".yaml" or ".yml" or ".json" or ".cfg" or ".txt");

    private static string ToJson(EngineIntrinsics engine, object value) =>
        (string)engine.InvokeCommand.InvokeScript("param($v) ConvertTo-Json -InputObject $v -Depth 20", value)[0].BaseObject;
}
