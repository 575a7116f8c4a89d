using System.Security.Cryptography;
using System.Text;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>What machines are made from. Several machines may have the same object; they are then made together.</summary>
public abstract record MachineSource
{
    internal const string SourceAspect = "source";
    internal const string CloudInitAspect = "cloud_init";
    internal const string SecureBootAspect = "secure_boot";

    /// <summary>The request for such machines, without names.</summary>
    public abstract DeploymentRequest Request { get; }

    /// <summary>Reads what is needed to compare machines with it.</summary>
    /// <exception cref="VmDeployException">The source does not exist or can't be read.</exception>
    internal abstract Task<SourceFacts> ReadAsync(MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken);

    /// <summary>Plans the creation of machines.</summary>
    internal abstract Task<DeploymentPlan> PlanAsync(VmSession session, Func<DeploymentRequest, DeploymentRequest> complete, DeploymentReader reader, CancellationToken cancellationToken);

    /// <summary>Everything that can't be changed after the creation: fingerprints, and values that the file gives.</summary>
    private protected IReadOnlyDictionary<string, string> MadeFrom(string source)
    {
        var parts = new Dictionary<string, string>(StringComparer.Ordinal) { [SourceAspect] = Fingerprint(source) };
        // Line ends are those of the computer where the file was checked out.
        if (Request.CloudInit is { } data)
            parts[CloudInitAspect] = Fingerprint(string.Join("\0", data.UserData, data.MetaData, data.NetworkConfig, data.VendorData).Replace("\r\n", "\n"));
        if (Request.Hardware.SecureBoot)
            parts[SecureBootAspect] = "true";
        Add("datacenter", Request.Datacenter);
        Add("folder", Request.Folder);
        Add("datastore", Request.Datastore);
        Add("host_name", Request.HostName);
        Add("resource_pool", Request.ResourcePool);
        Add("disk_provisioning", ((Request as OvaImportRequest)?.DiskProvisioning ?? (Request as IsoVmRequest)?.DiskProvisioning)?.ToString());
        Add("vlan", (Request as TemplateRequest)?.Vlan?.ToString(CultureInfo.InvariantCulture));
        Add("network_map", Request.Hardware.NetworkMap.Count == 0 ? null
            : string.Join(", ", Request.Hardware.NetworkMap.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key} -> {one.Value}")));
        return parts;

        void Add(string aspect, string? value)
        {
            if (value is not null)
                parts[aspect] = value;
        }
    }

    /// <summary>The first half of the SHA-256 of a text, in hex.</summary>
    private protected static string Fingerprint(string text)
    {
        using var sha = SHA256.Create();
        return string.Concat(sha.ComputeHash(Encoding.UTF8.GetBytes(text)).Take(16).Select(one => one.ToString("x2", CultureInfo.InvariantCulture)));
    }
}

/// <summary>What is known of a source.</summary>
/// <param name="MadeFrom">For <see cref="Ownership.MadeFrom"/>.</param>
/// <param name="Disks">How many disks the VMs get from it; null if it is not known before one is made.</param>
/// <param name="Adapters">How many adapters, likewise.</param>
internal sealed record SourceFacts(IReadOnlyDictionary<string, string> MadeFrom, int? Disks, int? Adapters)
{
    /// <summary>The names of the networks that the request gives by id, or in other case.</summary>
    public IReadOnlyDictionary<string, string> NetworkNames { get; init; } = new Dictionary<string, string>();
}

/// <summary>A package.</summary>
/// <param name="Location">Where it is.</param>
/// <param name="Import">The request.</param>
public sealed record PackageSource(PackageLocation Location, OvaImportRequest Import) : MachineSource
{
    /// <inheritdoc/>
    public override DeploymentRequest Request => Import;

    internal override async Task<SourceFacts> ReadAsync(MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var package = await reader.OpenAsync(Location, cancellationToken);
        // Digests of a manifest tell more than lengths; a package that was only renamed is the same.
        var content = new StringBuilder(package.DescriptorXml);
        foreach (var file in package.Files)
            content.Append('\0').Append(file.Href).Append('\0').Append(file.StoredLength).Append('\0').Append(package.Manifest?.Find(file.Href)?.Digest);
        foreach (var property in Import.Properties.OrderBy(one => one.Key, StringComparer.Ordinal))
            content.Append('\0').Append(property.Key).Append('\0').Append(property.Value);
        content.Append('\0').Append(Import.DeploymentOption);
        var hardware = package.Descriptor.GetHardware(Import.DeploymentOption);
        return new SourceFacts(MadeFrom(content.ToString()), hardware.Disks.Count, hardware.Nics.Count);
    }

    internal override async Task<DeploymentPlan> PlanAsync(
        VmSession session, Func<DeploymentRequest, DeploymentRequest> complete, DeploymentReader reader, CancellationToken cancellationToken) =>
        await session.PlanOvaImportAsync((OvaImportRequest)complete(Import), await reader.OpenAsync(Location, cancellationToken), cancellationToken);
}

/// <summary>A VM that is copied: a machine of the deployment, or another VM of the host.</summary>
/// <param name="Source">Its name.</param>
/// <param name="Copy">The request; its source is not set.</param>
public sealed record VmCopySource(string Source, CloneRequest Copy) : MachineSource
{
    /// <inheritdoc/>
    public override DeploymentRequest Request => Copy;

    // A copy is not made again when its source has changed: that is how golden images are used.
    internal override Task<SourceFacts> ReadAsync(MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var source = reader.Find(machine.Session, Source)?.Vm;
        return Task.FromResult(new SourceFacts(MadeFrom($"copy\0{Source.ToUpperInvariant()}\0{Copy.Linked}"), source?.Disks.Count, source?.NetworkAdapters.Count));
    }

    internal override async Task<DeploymentPlan> PlanAsync(
        VmSession session, Func<DeploymentRequest, DeploymentRequest> complete, DeploymentReader reader, CancellationToken cancellationToken)
    {
        var found = await session.GetVmsAsync(new VmQuery { NameFilter = name => string.Equals(name, Source, StringComparison.OrdinalIgnoreCase) }, cancellationToken);
        var source = found.Count switch
        {
            1 => found[0],
            0 => throw new VmDeployException(ErrorCodes.VmNotFound, $"VM '{Source}' not found on {session.Server}.", Source),
            _ => throw new VmDeployException(ErrorCodes.AmbiguousVm, $"{found.Count} VMs on {session.Server} have the name '{Source}'.", Source),
        };
        return await session.PlanCloneAsync((CloneRequest)complete(Copy) with { Source = source }, cancellationToken);
    }
}

/// <summary>A template of the host.</summary>
/// <param name="FromTemplate">The request.</param>
public sealed record HostTemplateSource(TemplateRequest FromTemplate) : MachineSource
{
    /// <inheritdoc/>
    public override DeploymentRequest Request => FromTemplate;

    internal override Task<SourceFacts> ReadAsync(MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken) =>
        Task.FromResult(new SourceFacts(MadeFrom($"template\0{FromTemplate.Template.ToUpperInvariant()}"), null, null));

    internal override async Task<DeploymentPlan> PlanAsync(
        VmSession session, Func<DeploymentRequest, DeploymentRequest> complete, DeploymentReader reader, CancellationToken cancellationToken) =>
        await session.PlanTemplateAsync((TemplateRequest)complete(FromTemplate), cancellationToken);
}

/// <summary>An ISO that empty VMs boot from.</summary>
/// <param name="FromIso">The request.</param>
public sealed record IsoSource(IsoVmRequest FromIso) : MachineSource
{
    /// <inheritdoc/>
    public override DeploymentRequest Request => FromIso;

    // Another ISO is inserted into the VM that exists.
    internal override Task<SourceFacts> ReadAsync(MachineSpec machine, DeploymentReader reader, CancellationToken cancellationToken) =>
        Task.FromResult(new SourceFacts(MadeFrom("iso"), 0, 0));

    internal override async Task<DeploymentPlan> PlanAsync(
        VmSession session, Func<DeploymentRequest, DeploymentRequest> complete, DeploymentReader reader, CancellationToken cancellationToken) =>
        await session.PlanIsoVmAsync((IsoVmRequest)complete(FromIso), cancellationToken);
}
