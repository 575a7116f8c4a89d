using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace VmDeploy.Ova;

/// <summary>The hash that a file must have, as its publisher states it: <c>SHA256:hex</c>.</summary>
public sealed record FileHash
{
    private static readonly Regex s_form = new(@"^\s*(?<algorithm>SHA-?(?:1|256|384|512))\s*[:=]\s*(?<hex>[0-9A-Fa-f]+)\s*$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    private FileHash(string algorithm, string hex)
    {
        Algorithm = algorithm;
        Hex = hex;
    }

    /// <summary>SHA1, SHA256, SHA384 or SHA512.</summary>
    public string Algorithm { get; }

    /// <summary>Lower-case hex.</summary>
    public string Hex { get; }

    /// <summary>Parses <c>SHA256:hex</c>; <c>FileHashInvalid</c> if it has another form.</summary>
    /// <param name="text">The text.</param>
    public static FileHash Parse(string text)
    {
        var match = s_form.Match(text);
        var algorithm = match.Groups["algorithm"].Value.ToUpperInvariant().Replace("-", "");
        var hex = match.Groups["hex"].Value.ToLowerInvariant();
        var isWhole = match.Success && hex.Length == algorithm switch { "SHA1" => 40, "SHA256" => 64, "SHA384" => 96, _ => 128 };
        return isWhole ? new FileHash(algorithm, hex)
            : throw new VmDeployException(ErrorCodes.FileHashInvalid, $"'{text}' is not a valid file hash.", text);
    }

    internal IncrementalHash Start() => IncrementalHash.CreateHash(new HashAlgorithmName(Algorithm));

    /// <summary>Throws <c>FileHashMismatch</c> if the bytes have another hash.</summary>
    internal void Check(IncrementalHash hash, string path)
    {
        var actual = BitConverter.ToString(hash.GetHashAndReset()).Replace("-", "").ToLowerInvariant();
        if (actual != Hex)
            throw new VmDeployException(ErrorCodes.FileHashMismatch, $"'{path}' has the {Algorithm} hash {actual}, but {Hex} is expected.", path);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Algorithm}:{Hex}";
}
