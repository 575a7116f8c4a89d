using System.Xml.Linq;

namespace VmDeploy.Simulator.Esxi.Core;

/// <summary>The API versions that the host speaks.</summary>
internal sealed class ApiVersions
{
    private const string Uri = "urn:vim25";

    // Newest first. The numbers below 4.0 are not comparable any more and are known by name only.
    private static readonly string[] s_all =
    [
        "9.1.0.0", "9.0.0.0", "8.0.3.0", "8.0.2.0", "8.0.1.0", "8.0.0.2", "8.0.0.1", "7.0.3.2", "7.0.3.1", "7.0.3.0",
        "7.0.2.1", "7.0.2.0", "7.0.1.1", "7.0.1.0", "7.0.0.2", "7.0.0.0", "6.9.1", "6.8.7", "6.7.3", "6.7.2", "6.7.1", "6.7",
        "6.5", "6.0", "5.5", "5.1", "5.0", "4.1", "4.0", "2.5u2", "2.5", "2.0",
    ];

    private readonly List<string> _spoken;
    private readonly bool _internalOnTop;

    public ApiVersions(EsxiSimulatorOptions options)
    {
        var own = Version.Parse(options.ApiVersion);
        _spoken = [options.ApiVersion, .. s_all.Where(v => v != options.ApiVersion && Number(v) < own)];
        _internalOnTop = options.InternalVersionOnTop;
    }

    /// <summary>The version of the product, for example <c>8.0.2</c>.</summary>
    public string Product => string.Join('.', _spoken[0].Split('.').Take(3));

    /// <summary>The host's own API version.</summary>
    public string Newest => _spoken[0];

    /// <summary>
    /// The version in a SOAPAction, or null if it is not a version of this API. Without a version it is the oldest; a newer one than the
    /// host's is answered with the host's own.
    /// </summary>
    public Version? Of(string soapAction)
    {
        if (soapAction is "" or Uri or Uri + "/")
            return Number(_spoken[^1]);
        var version = soapAction.StartsWith(Uri + "/", StringComparison.Ordinal) ? soapAction[(Uri.Length + 1)..] : "";
        if (_spoken.Contains(version))
            return Number(version);
        return Version.TryParse(version, out var asked) && asked > Number(Newest) ? Number(Newest) : null;
    }

    /// <summary>The document at /sdk/vimServiceVersions.xml.</summary>
    public string ToXml()
    {
        var top = _internalOnTop ? ["internal-dev-4711", .. _spoken] : _spoken;
        return new XDeclaration("1.0", "UTF-8", null) + "\n" + new XElement("namespaces",
            new XAttribute("version", "1.0"),
            new XElement("namespace",
                new XElement("name", Uri),
                new XElement("version", top[0]),
                new XElement("priorVersions", top.Skip(1).Select(v => new XElement("version", v)))),
            new XElement("namespace", new XElement("name", "urn:vim2"), new XElement("version", "2.0")));
    }

    private static Version Number(string version) => Version.TryParse(version, out var number) ? number : new(2, 0);
}
