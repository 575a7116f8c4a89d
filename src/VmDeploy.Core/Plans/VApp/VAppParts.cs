using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>Divides a request for a whole package among its machines: each gets the properties, networks and addresses that are its own.</summary>
internal sealed class VAppParts
{
    // In a key of a property: the id of a machine before the key.
    private const char MachineSeparator = '/';

    private readonly OvaImportRequest _request;
    private readonly OvfDescriptor _descriptor;
    private readonly IReadOnlyList<OvfMachine> _machines;
    private readonly string _name;
    private readonly Dictionary<OvfMachine, Dictionary<string, string>> _properties = [];

    /// <exception cref="VmDeployException"><c>OvfPropertyUnknown</c> or <c>OvfNetworkUnknown</c>.</exception>
    public VAppParts(OvaImportRequest request, OvaPackage package)
    {
        (_request, _descriptor, _name) = (request, package.Descriptor, package.Name);
        _machines = [.. package.Descriptor.Group!.Machines];
        RequestChecks.CheckWhole(request, new PackageImport(package));
        Disks = new CommonDisks(_name, _machines, request.DeploymentOption);
        foreach (var machine in _machines)
            _properties[machine] = [];
        foreach (var pair in request.Properties)
            AddProperty(pair.Key, pair.Value);
    }

    /// <summary>The disks that machines have in common.</summary>
    public CommonDisks Disks { get; }

    /// <summary>The request for a machine in all sets.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="names">Its names, by set.</param>
    public OvaImportRequest Of(OvfMachine machine, IReadOnlyList<string> names)
    {
        var networks = new HashSet<string>(machine.Descriptor.Networks.Select(network => network.Name)) { NetworkMaps.Others };
        return _request with
        {
            Names = names,
            Properties = _properties[machine],
            SharedDisks = Disks.SharedBy(machine),
            Hardware = _request.Hardware with
            {
                NetworkMap = _request.Hardware.NetworkMap.Where(pair => networks.Contains(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value),
                MacAddresses = AddressesOf(machine, names.Count),
            },
            // The set is started as a whole.
            PowerOn = false,
            WaitForIp = null,
        };
    }

    private void AddProperty(string key, string value)
    {
        var separator = key.IndexOf(MachineSeparator);
        var owner = separator > 0 ? _machines.FirstOrDefault(machine => machine.Id == key.Substring(0, separator)) : null;
        var own = owner is null ? key : key.Substring(separator + 1);
        var having = (owner is null ? _machines : [owner]).Where(machine => machine.Descriptor.Properties.Any(property => Matches(property.FullKey) || Matches(property.Key))).ToList();
        foreach (var machine in having)
            _properties[machine][own] = value;
        if (having.Count == 0)
            (owner?.Descriptor ?? _descriptor).GetProperty(own);

        bool Matches(string text) => string.Equals(text, own, StringComparison.OrdinalIgnoreCase);
    }

    // They are given in the order of the VMs: set by set, and in each the machines in the order of the descriptor.
    private List<string> AddressesOf(OvfMachine machine, int sets)
    {
        var given = _request.Hardware.MacAddresses;
        if (given.Count == 0)
            return [];
        var counts = _machines.Select(one => one.Descriptor.GetHardware(_request.DeploymentOption).Nics.Count).Select(count => count + _request.Hardware.NewNetworks(count).Count).ToList();
        var all = counts.Sum();
        if (given.Count != all * sets)
            throw new VmDeployException(ErrorCodes.MacAddressInvalid, $"{given.Count} MAC addresses given; the machines of {_name} have {all * sets} adapters in all.", given[0]);
        var own = _machines.ToList().IndexOf(machine);
        return Enumerable.Range(0, sets).SelectMany(set => given.Skip((set * all) + counts.Take(own).Sum()).Take(counts[own])).ToList();
    }
}
