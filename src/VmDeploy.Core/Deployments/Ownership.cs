namespace VmDeploy;

/// <summary>
/// What a deployment writes into the record of each VM that it has made, so that it knows the VM again without a file of its own: in
/// <c>extraConfig</c> on vSphere, in <c>other_config</c> on XenServer. A VM that is begun has it with the run that has begun it, until it is finished.
/// </summary>
/// <param name="Deployment">The name of the deployment.</param>
/// <param name="Machine">The name of the machine's entry in its file.</param>
/// <param name="MadeFrom">What the VM was made from and can't be changed to later: a fingerprint or a value for each aspect, such as <c>source</c>.</param>
public sealed record Ownership(string Deployment, string Machine, IReadOnlyDictionary<string, string> MadeFrom)
{
    private const string DeploymentKey = "deployment";
    private const string MachineKey = "machine";
    private const string VmKey = "vm";
    private const string DisksKey = "disks";
    private const string BegunKey = "begun";

    /// <summary>
    /// The run that has begun the VM, as <see cref="RunIdentity.Runner"/>; null once it is finished. A run of another may still be making
    /// it, but two with one folder of locks exclude each other.
    /// </summary>
    public string? BegunBy { get; init; }

    /// <summary>The UUID of the VM (<c>instanceUuid</c> of one on vSphere that is not finished). A copy that somebody else has made carries the same record under another one, and does not belong to the deployment.</summary>
    public string? Vm { get; init; }

    /// <summary>How many of its disks come from the source; the others are further ones.</summary>
    public int? Disks { get; init; }

    /// <summary>The record of a VM that is begun.</summary>
    internal Ownership Begin(string identity) => this with { Vm = identity, BegunBy = RunIdentity.Runner };

    /// <summary>The record of a VM that was just made.</summary>
    internal Ownership Of(Vm vm, HardwareRequest wanted) => this with { Vm = vm.Uuid, Disks = Math.Max(0, vm.Disks.Count - wanted.ExtraDiskBytes.Count) };

    /// <summary>Reads it from its text; null if the text is none.</summary>
    public static Ownership? Parse(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var parts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in text!.Split(';'))
        {
            var equals = part.IndexOf('=');
            if (equals < 1)
                return null;
            parts[part.Substring(0, equals)] = Uri.UnescapeDataString(part.Substring(equals + 1));
        }
        if (Take(DeploymentKey) is not { } deployment || Take(MachineKey) is not { } machine)
            return null;
        var (vm, disks, begun) = (Take(VmKey), Take(DisksKey), Take(BegunKey));
        return new Ownership(deployment, machine, parts) { Vm = vm, BegunBy = begun, Disks = int.TryParse(disks, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null };

        string? Take(string key)
        {
            var value = parts.TryGetValue(key, out var there) ? there : null;
            parts.Remove(key);
            return value;
        }
    }

    /// <summary>Its text: <c>deployment=lab;machine=web;vm=4202...;disks=1;source=0a1b...</c>, values percent-encoded.</summary>
    public override string ToString()
    {
        IEnumerable<(string Key, string? Value)> own = [(DeploymentKey, Deployment), (MachineKey, Machine), (VmKey, Vm), (DisksKey, Disks?.ToString(CultureInfo.InvariantCulture)), (BegunKey, BegunBy)];
        return string.Join(";", own.Concat(MadeFrom.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => (part.Key, Value: (string?)part.Value)))
            .Where(part => part.Value is not null).Select(part => $"{part.Key}={Uri.EscapeDataString(part.Value!)}"));
    }
}

/// <summary>A VM of a host, as deployments see it.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Owner">What a deployment has written into its record; null for other VMs.</param>
/// <param name="Isos">The ISOs in its CD-ROM drives, without cloud-init's.</param>
public sealed record DeployedVm(Vm Vm, Ownership? Owner, IReadOnlyList<string> Isos)
{
    /// <summary>The firmware; null if the host does not tell it.</summary>
    public Firmware? Firmware { get; init; }

    /// <summary>The entries of its extra configuration that were asked for.</summary>
    public IReadOnlyDictionary<string, string> ExtraConfig { get; init; } = new Dictionary<string, string>();

    /// <summary>What tells it from its copies before it is finished; null for its UUID.</summary>
    internal string? Identity { get; init; }

    /// <summary>Whether a deployment has made it.</summary>
    internal bool IsOf(string deployment) => Owner is { Vm: { } vm, BegunBy: null } && vm == Vm.Uuid && IsNamed(deployment);

    /// <summary>Whether an earlier run of a deployment, which shared the locks of this one, has begun it and was ended before it was finished.</summary>
    internal bool IsBegunBy(string deployment) => RunnerOf(deployment) == RunIdentity.Runner;

    /// <summary>The run of a deployment that has begun it, if it is not finished.</summary>
    internal string? RunnerOf(string deployment) => Owner is { Vm: { } vm, BegunBy: { } runner } && vm == (Identity ?? Vm.Uuid) && IsNamed(deployment) ? runner : null;

    private bool IsNamed(string deployment) => string.Equals(Owner!.Deployment, deployment, StringComparison.OrdinalIgnoreCase);
}
