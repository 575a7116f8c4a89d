using System.Text.RegularExpressions;

namespace VmDeploy;

/// <summary>
/// What a deployment writes into the record of each VM that it makes, so that it knows the VM again without a file of its own: in
/// <c>extraConfig</c> on vSphere, in <c>other_config</c> on XenServer.
/// </summary>
/// <param name="Deployment">The name of the deployment.</param>
/// <param name="Machine">The name of the machine in its file.</param>
/// <param name="MadeFrom">What the VM was made from and can't be changed to later: a fingerprint for each aspect, such as <c>source</c>.</param>
public sealed record Ownership(string Deployment, string Machine, IReadOnlyDictionary<string, string> MadeFrom)
{
    private const string NamesKey = "names";
    private const string DeploymentKey = "deployment";
    private const string MachineKey = "machine";

    /// <summary>
    /// The names of the VMs, with <c>{n}</c> for a number; null if any name is one. A copy that somebody else has made carries the same
    /// record under another name, and does not belong to the deployment.
    /// </summary>
    public string? Names { get; init; }

    /// <summary>Whether a VM of this name has the record by right.</summary>
    internal bool IsOf(string name) => Names is null
        || Regex.IsMatch(name, $"^{Regex.Replace(Regex.Escape(Names), @"\\\{n(:0+)?}", "[0-9]+")}$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

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
        if (!parts.TryGetValue(DeploymentKey, out var deployment) || !parts.TryGetValue(MachineKey, out var machine))
            return null;
        parts.Remove(DeploymentKey);
        parts.Remove(MachineKey);
        var names = parts.TryGetValue(NamesKey, out var pattern) ? pattern : null;
        parts.Remove(NamesKey);
        return new Ownership(deployment, machine, parts) { Names = names };
    }

    /// <summary>Its text: <c>deployment=lab;machine=web1;source=0a1b...</c>, values percent-encoded.</summary>
    public override string ToString() => string.Join(";",
        MadeFrom.OrderBy(part => part.Key, StringComparer.Ordinal).Select(part => (part.Key, part.Value)).Concat(Names is null ? [] : [(NamesKey, Names)]).Prepend((MachineKey, Machine)).Prepend((DeploymentKey, Deployment))
            .Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2)}"));
}

/// <summary>A VM of a host, as deployments see it.</summary>
/// <param name="Vm">The VM.</param>
/// <param name="Owner">What a deployment has written into its record; null for other VMs.</param>
/// <param name="Isos">The ISOs in its CD-ROM drives, without cloud-init's.</param>
public sealed record DeployedVm(Vm Vm, Ownership? Owner, IReadOnlyList<string> Isos);
