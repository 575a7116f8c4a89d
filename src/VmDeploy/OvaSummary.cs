using VmDeploy.Ova;

namespace VmDeploy.PowerShell;

/// <summary>Whether the files of a package match its manifest.</summary>
public enum OvaIntegrity
{
    /// <summary>Not checked; <c>Get-VmOva -Verify</c> checks it.</summary>
    NotVerified,

    /// <summary>The package has no manifest.</summary>
    NoManifest,

    /// <summary>The manifest lists every file, and every digest matches.</summary>
    Intact,

    /// <summary>Every digest in the manifest matches, but the manifest does not list all files.</summary>
    PartlyVerified,

    /// <summary>A file is missing or differs, or the signature is invalid.</summary>
    Damaged,
}

/// <summary>A disk of an OVA.</summary>
/// <param name="Id">Its id in the OVF.</param>
/// <param name="CapacityBytes">Virtual size in bytes; null where the OVF gives none.</param>
/// <param name="FileName">The file that holds it; null for an empty disk.</param>
/// <param name="FileBytes">Size of that file in bytes, as stored.</param>
public sealed record OvaSummaryDisk(string Id, long? CapacityBytes, string? FileName, long? FileBytes)
{
    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(FileName ?? Id);
}

/// <summary>A machine of an OVA with several.</summary>
/// <param name="Id">Its id in the OVF, for keys of -Property.</param>
/// <param name="Name">Its name, which <c>{name}</c> in -Name stands for.</param>
/// <param name="StartOrder">When it is started; in a nested collection after the order of the collection, for example <c>2.1</c>.</param>
/// <param name="Startup">The delay after its start, and what else the OVF says about it.</param>
public sealed record OvaSummaryMachine(string Id, string Name, string StartOrder, OvfStartup Startup)
{
    /// <summary>Virtual CPUs under the default deployment option; null without hardware.</summary>
    public int? CpuCount { get; init; }

    /// <summary>Memory in bytes under the default deployment option; null without hardware.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>The same in MiB.</summary>
    public long? MemoryMB => MemoryBytes >> 20;

    /// <summary>Its disks; several machines can have the same, and each then gets its own copy.</summary>
    public IReadOnlyList<OvaSummaryDisk> Disks { get; init; } = [];

    /// <summary>Its networks.</summary>
    public IReadOnlyList<OvfNetwork> Networks { get; init; } = [];

    /// <summary>Its properties, with those that it inherits.</summary>
    public IReadOnlyList<OvfProperty> Properties { get; init; } = [];

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Name);
}

/// <summary>The contents of an OVA. A snapshot that keeps no file open.</summary>
public sealed class OvaSummary
{
    internal OvaSummary(OvaPackage package, OvaVerification? verification)
    {
        var ovf = package.Descriptor;
        var files = package.Files.ToDictionary(file => file.Id);
        Path = package.Path;
        PackageName = package.Name;
        Product = ovf.Product;
        Vendor = ovf.Vendor;
        Version = ovf.Version;
        GuestOs = ovf.OsDescription ?? ovf.OsType;
        Annotation = ovf.Annotation;
        Incompatibilities = package.Incompatibilities.AsText();
        (CpuCount, MemoryBytes) = HardwareOf(ovf);
        Disks = DisksOf(ovf);
        Machines = (ovf.Group?.Machines ?? []).Select(machine => new OvaSummaryMachine(machine.Id, machine.Name, machine.StartOrder, machine.Startup)
        {
            CpuCount = HardwareOf(machine.Descriptor).CpuCount,
            MemoryBytes = HardwareOf(machine.Descriptor).MemoryBytes,
            Disks = DisksOf(machine.Descriptor),
            Networks = machine.Descriptor.Networks.AsText(),
            Properties = machine.Descriptor.Properties.AsText(),
        }).AsText();
        Networks = ovf.Networks.AsText();
        Properties = ovf.Properties.AsText();
        DeploymentOptions = ovf.DeploymentOptions.AsText();
        Eula = ovf.Eulas.Count > 0 ? string.Join("\n\n", ovf.Eulas) : null;
        Files = package.Files.AsText();
        Bytes = package.StoredBytes;
        Manifest = (package.Manifest?.Entries ?? []).AsText();
        Signature = package.Signature;
        FileResults = (verification?.Files ?? []).AsText();
        Integrity = ((package.Manifest, verification) switch
        {
            (null, _) => OvaIntegrity.NoManifest,
            (_, null) => OvaIntegrity.NotVerified,
            (_, { IsDamaged: true }) => OvaIntegrity.Damaged,
            (_, { IsIntact: true }) => OvaIntegrity.Intact,
            _ => OvaIntegrity.PartlyVerified,
        }).ToString();

        IReadOnlyList<OvaSummaryDisk> DisksOf(OvfDescriptor one) => one.Disks.Select(disk =>
        {
            var file = disk.FileRef is { } id && files.TryGetValue(id, out var found) ? found : null;
            return new OvaSummaryDisk(disk.DiskId, disk.CapacityBytes, file?.Href, file?.StoredLength);
        }).AsText();
    }

    /// <summary>Full path of the package, or its address.</summary>
    public string Path { get; }

    /// <summary>The default name of a VM.</summary>
    public string PackageName { get; }

    /// <summary>Product name.</summary>
    public string? Product { get; }

    /// <summary>Its vendor.</summary>
    public string? Vendor { get; }

    /// <summary>Its version.</summary>
    public string? Version { get; }

    /// <summary>The operating system.</summary>
    public string? GuestOs { get; }

    /// <summary>Notes.</summary>
    public string? Annotation { get; }

    /// <summary>Virtual CPUs under the default deployment option; null for a group of VMs, or without hardware.</summary>
    public int? CpuCount { get; }

    /// <summary>Memory in bytes under the default deployment option; null for a group of VMs, or without hardware.</summary>
    public long? MemoryBytes { get; }

    /// <summary>The same in MiB.</summary>
    public long? MemoryMB => MemoryBytes >> 20;

    /// <summary>The machines of a package with several; empty for a single VM.</summary>
    public IReadOnlyList<OvaSummaryMachine> Machines { get; }

    /// <summary>The disks.</summary>
    public IReadOnlyList<OvaSummaryDisk> Disks { get; }

    /// <summary>The networks, whose names are the keys of a map for -Network.</summary>
    public IReadOnlyList<OvfNetwork> Networks { get; }

    /// <summary>The properties, whose keys are the keys of -Property.</summary>
    public IReadOnlyList<OvfProperty> Properties { get; }

    /// <summary>The deployment options, whose ids are for -DeploymentOption.</summary>
    public IReadOnlyList<OvfDeploymentOption> DeploymentOptions { get; }

    /// <summary>The licence text to accept, or null.</summary>
    public string? Eula { get; }

    /// <summary>What ESXi and vCenter refuse, as far as that is known without a host; -Adapt of Import-VmOva edits it.</summary>
    public IReadOnlyList<OvfIncompatibility> Incompatibilities { get; }

    /// <summary>The files.</summary>
    public IReadOnlyList<OvaFile> Files { get; }

    /// <summary>All files together, in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The manifest's lines; empty without a manifest.</summary>
    public IReadOnlyList<OvaManifestEntry> Manifest { get; }

    /// <summary>The signature over the manifest.</summary>
    public OvaSignature Signature { get; }

    /// <summary>Whether the files match the manifest, for example Intact (<see cref="OvaIntegrity"/>).</summary>
    public string Integrity { get; }

    /// <summary>The outcome for each file, after -Verify.</summary>
    public IReadOnlyList<OvaFileResult> FileResults { get; }

    /// <inheritdoc/>
    public override string ToString() => PrintableText.Escape(Path);

    private static (int? CpuCount, long? MemoryBytes) HardwareOf(OvfDescriptor ovf) =>
        !ovf.IsCollection && ovf.HasHardware && ovf.GetHardware(null) is { } hardware ? (hardware.CpuCount, hardware.MemoryBytes) : (null, null);
}
