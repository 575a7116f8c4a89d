namespace VmDeploy.Ova;

/// <summary>What an OVF says (DSP0243 1.x and 2.x, and VMware's 0.9). Texts are resolved from inline string bundles.</summary>
public sealed class OvfDescriptor
{
    private readonly OvfHardwareReader? _hardware;
    private readonly string _source;

    internal OvfDescriptor(string source, OvfHardwareReader? hardware)
    {
        _source = source;
        _hardware = hardware;
    }

    /// <summary>Its own name in the package.</summary>
    internal string FileName => _source;

    /// <summary>The virtual system has a VirtualHardwareSection.</summary>
    public bool HasHardware => _hardware is not null;

    /// <summary><c>ovf:References</c>, in order.</summary>
    public IReadOnlyList<OvfFileReference> References { get; internal init; } = [];

    /// <summary>The disks, in the order of the DiskSection.</summary>
    public IReadOnlyList<OvfDisk> Disks { get; internal init; } = [];

    /// <summary>The networks that NICs connect to.</summary>
    public IReadOnlyList<OvfNetwork> Networks { get; internal init; } = [];

    /// <summary>The properties of all product sections, in order.</summary>
    public IReadOnlyList<OvfProperty> Properties { get; internal init; } = [];

    /// <summary>The deployment options; empty for most packages.</summary>
    public IReadOnlyList<OvfDeploymentOption> DeploymentOptions { get; internal init; } = [];

    /// <summary>Licence texts to be accepted, in order.</summary>
    public IReadOnlyList<string> Eulas { get; internal init; } = [];

    /// <summary>True for a group of VMs (<c>VirtualSystemCollection</c>), which has no hardware.</summary>
    public bool IsCollection => Group is not null;

    /// <summary>The group of VMs with their own descriptors; null for a single VM.</summary>
    public OvfGroup? Group { get; internal init; }

    /// <summary><c>ovf:id</c> of the virtual system.</summary>
    public string? SystemId { get; internal init; }

    /// <summary>Name of the virtual system.</summary>
    public string? Name { get; internal init; }

    /// <summary>Annotation of the virtual system.</summary>
    public string? Annotation { get; internal init; }

    /// <summary>Product name of the first product section that has one.</summary>
    public string? Product { get; internal init; }

    /// <summary>Its vendor.</summary>
    public string? Vendor { get; internal init; }

    /// <summary>Its version (the short one, or else the full one).</summary>
    public string? Version { get; internal init; }

    /// <summary>CIM operating system number (<c>CIM_OperatingSystem.OsType</c>), for example 94 for Ubuntu 64-bit.</summary>
    public int? OsId { get; internal init; }

    /// <summary>VMware's guest id (<c>vmw:osType</c>), for example <c>ubuntu64Guest</c>.</summary>
    public string? OsType { get; internal init; }

    /// <summary>The operating system in words.</summary>
    public string? OsDescription { get; internal init; }

    /// <summary>Parses a descriptor.</summary>
    /// <param name="xml">Its text.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <exception cref="VmDeployException"><c>OvfMalformed</c> or <c>OvfHasDtd</c>.</exception>
    public static OvfDescriptor Parse(string xml, string name) => new OvfReader(xml, name).Read();

    /// <summary>The option with this id; for a null id the default option, or null if the package has no options. <c>OvfDeploymentOptionUnknown</c> otherwise.</summary>
    public OvfDeploymentOption? GetDeploymentOption(string? id)
    {
        if (id is null)
            return DeploymentOptions.FirstOrDefault(option => option.IsDefault) ?? (DeploymentOptions.Count > 0 ? DeploymentOptions[0] : null);
        return DeploymentOptions.FirstOrDefault(option => option.Id == id)
            ?? DeploymentOptions.FirstOrDefault(option => string.Equals(option.Id, id, StringComparison.OrdinalIgnoreCase))
            ?? throw new VmDeployException(ErrorCodes.OvfDeploymentOptionUnknown,
                $"Deployment option '{id}' not found in '{_source}'. {Names.Available(DeploymentOptions.Select(option => option.Id), "The package has no deployment options.")}", id);
    }

    /// <summary>The virtual hardware under a deployment option (null: the default).</summary>
    /// <exception cref="VmDeployException"><c>OvfMalformed</c>, <c>OvfDeploymentOptionUnknown</c>, or <c>OvfVirtualSystemCollection</c>.</exception>
    public OvfHardware GetHardware(string? deploymentOption) => IsCollection
        ? throw new VmDeployException(ErrorCodes.OvfVirtualSystemCollection, $"'{_source}' contains a group of VMs (a vApp), not a single VM.", _source)
        : _hardware?.Read(GetDeploymentOption(deploymentOption)?.Id, Disks)
        ?? throw new VmDeployException(ErrorCodes.OvfMalformed, $"'{_source}' has no VirtualHardwareSection.", _source, hint: ErrorHint.AdaptPackage);

    /// <summary>The property with this key, full (<c>class.key.instance</c>) or bare where that is unambiguous; <c>OvfPropertyUnknown</c> otherwise.</summary>
    public OvfProperty GetProperty(string key)
    {
        foreach (var comparison in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            if (Properties.FirstOrDefault(property => string.Equals(property.FullKey, key, comparison)) is { } full)
                return full;
            var bare = Properties.Where(property => string.Equals(property.Key, key, comparison)).ToList();
            if (bare.Count == 1)
                return bare[0];
            if (bare.Count > 1)
            {
                throw new VmDeployException(ErrorCodes.OvfPropertyUnknown,
                    $"Several properties of '{_source}' have the key '{key}'. {Names.Available(bare.Select(property => property.FullKey))}", key);
            }
        }
        throw new VmDeployException(ErrorCodes.OvfPropertyUnknown, $"Property '{key}' not found in '{_source}'. "
            + Names.Available(Properties.Where(property => property.IsUserConfigurable).Select(property => property.FullKey), "The package has no properties that can be set."), key);
    }

    /// <summary>Checks the values that a user gives, and that every required property has one.</summary>
    /// <param name="values">Key, full or bare, to value.</param>
    /// <param name="deploymentOption">The chosen option, or null for the default.</param>
    /// <returns>The values by full key, in the form for a host.</returns>
    /// <exception cref="VmDeployException"><c>OvfPropertyUnknown</c>, <c>OvfPropertyNotConfigurable</c>, <c>OvfPropertyInvalid</c> or <c>OvfPropertyRequired</c>.</exception>
    public IReadOnlyDictionary<string, string> ResolveProperties(IReadOnlyDictionary<string, string> values, string? deploymentOption)
    {
        var resolved = new Dictionary<string, string>();
        foreach (var pair in values)
        {
            var property = GetProperty(pair.Key);
            if (!property.IsUserConfigurable)
                throw new VmDeployException(ErrorCodes.OvfPropertyNotConfigurable, $"The property '{property.FullKey}' of '{_source}' can't be set by users.", pair.Key);
            resolved[property.FullKey] = property.Validate(pair.Value);
        }

        var option = GetDeploymentOption(deploymentOption)?.Id;
        var missing = Properties.Where(property => property.IsRequired(option) && !resolved.ContainsKey(property.FullKey))
            .Select(property => property.FullKey).ToList();
        return missing.Count == 0 ? resolved : throw new VmDeployException(ErrorCodes.OvfPropertyRequired,
            $"'{_source}' has no default for the {(missing.Count == 1 ? "property" : "properties")} {Names.List(missing)}.", missing[0]);
    }
}
