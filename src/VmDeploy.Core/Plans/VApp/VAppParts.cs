using Microsoft.Extensions.Logging;
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
    private readonly IReadOnlyList<CommonDisk> _common;
    private readonly IReadOnlyList<CommonDisk> _shared;

    /// <exception cref="VmDeployException"><c>OvfPropertyUnknown</c> or <c>OvfNetworkUnknown</c>.</exception>
    public VAppParts(OvaImportRequest request, OvaPackage package)
    {
        (_request, _descriptor, _name) = (request, package.Descriptor, package.Name);
        _machines = [.. package.Descriptor.Group!.Machines];
        RequestChecks.CheckWhole(request, new PackageImport(package));
        _common = _machines.SelectMany(machine => machine.Descriptor.GetHardware(request.DeploymentOption).Disks.Select(disk => (machine, disk.Disk)))
            .GroupBy(use => use.Disk.DiskId).Select(uses => new CommonDisk(uses.First().Disk, uses.Select(use => use.machine).Distinct().ToList())).Where(disk => disk.Users.Count > 1).ToList();
        _shared = _common.Where(disk => disk.Disk.IsShared).ToList();
        foreach (var machine in _machines)
            _properties[machine] = [];
        foreach (var pair in request.Properties)
            AddProperty(pair.Key, pair.Value);
    }

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
            SharedDisks = [.. _shared.Where(disk => disk.Users.Contains(machine)).Select(disk => disk.Id)],
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

    /// <summary>Refuses shared disks that can't be created, and warns of disks that only seem to be shared.</summary>
    /// <exception cref="VmDeployException"><c>OvaFileMissing</c>.</exception>
    public void CheckSharedDisks(ILogger log)
    {
        if (_shared.FirstOrDefault(disk => disk.Disk.FileRef is null) is { } empty)
            throw new VmDeployException(ErrorCodes.OvaFileMissing, $"The disk '{empty.Id}' of {_name}, which {empty.UserNames} share, has no file.", empty.Id, hint: ErrorHint.AddEmptyDiskAfterImport);
        foreach (var disk in _common.Except(_shared))
            log.DiskCopied(_name, disk.Id, disk.UserNames);
    }

    /// <summary>Refuses shared disks: a vCenter creates none in a vApp.</summary>
    /// <exception cref="VmDeployException"><c>VAppNotPossible</c>.</exception>
    public void RefuseSharedDisks()
    {
        if (_shared.Count > 0)
            throw new VmDeployException(ErrorCodes.VAppNotPossible, $"{_shared[0].UserNames} share the disk '{_shared[0].Id}', which a vCenter can't create in a vApp.", _name, hint: ErrorHint.ImportWithoutVApp);
    }

    /// <summary>Refuses a set in which VMs exist and others do not, if they share a disk.</summary>
    /// <param name="set">The machines, each with the existing VM that is used.</param>
    /// <exception cref="VmDeployException"><c>VAppNotPossible</c>.</exception>
    public void CheckReused(IReadOnlyList<(OvfMachine Machine, Vm? Existing)> set)
    {
        foreach (var disk in _shared)
        {
            var existing = set.Where(one => disk.Users.Contains(one.Machine)).Select(one => one.Existing).ToList();
            if (existing.OfType<Vm>().FirstOrDefault() is { } vm && existing.Contains(null))
            {
                throw new VmDeployException(ErrorCodes.VAppNotPossible,
                    $"VM '{vm.Name}' already exists, and not all VMs that share the disk '{disk.Id}' with it: {disk.UserNames}.", vm.Name);
            }
        }
    }

    /// <summary>With whom a machine shares its disks, for -WhatIf.</summary>
    public string DescribeShared(OvfMachine machine) => string.Concat(_shared.Where(disk => disk.Users.Contains(machine))
        .Select(disk => $", disk '{disk.Id}' shared with {VmDeploy.Names.List(disk.Users.Where(user => user != machine).Select(user => user.Name))}"));

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

    /// <summary>A disk that several machines refer to.</summary>
    private sealed record CommonDisk(OvfDisk Disk, IReadOnlyList<OvfMachine> Users)
    {
        public string Id => Disk.DiskId;

        public string UserNames => VmDeploy.Names.List(Users.Select(user => user.Name));
    }
}
