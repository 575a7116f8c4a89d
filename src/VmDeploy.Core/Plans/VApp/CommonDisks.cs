using Microsoft.Extensions.Logging;
using VmDeploy.Ova;

namespace VmDeploy;

/// <summary>The disks to which several machines of a package refer. Those of a SharedDiskSection are one disk for all of them; of another, each gets a copy.</summary>
internal sealed class CommonDisks
{
    private readonly string _package;
    private readonly IReadOnlyList<CommonDisk> _shared;
    private readonly IReadOnlyList<CommonDisk> _copied;

    /// <param name="package">The name of the package.</param>
    /// <param name="machines">Its machines.</param>
    /// <param name="option">The deployment option.</param>
    public CommonDisks(string package, IEnumerable<OvfMachine> machines, string? option)
    {
        _package = package;
        var common = machines.SelectMany(machine => machine.Descriptor.GetHardware(option).Disks.Select(disk => (Machine: machine, disk.Disk)))
            .GroupBy(use => use.Disk.DiskId).Select(uses => new CommonDisk(uses.First().Disk, uses.Select(use => use.Machine).Distinct().ToList()))
            .Where(disk => disk.Users.Count > 1).ToLookup(disk => disk.Disk.IsShared);
        (_shared, _copied) = ([.. common[true]], [.. common[false]]);
    }

    /// <summary>The ids of the disks that a machine shares with others.</summary>
    public IReadOnlyCollection<string> SharedBy(OvfMachine machine) => [.. Of(machine).Select(disk => disk.Id)];

    /// <summary>With whom a machine shares its disks, for -WhatIf.</summary>
    public string Describe(OvfMachine machine) => string.Concat(
        Of(machine).Select(disk => $", disk '{disk.Id}' shared with {Names.List(disk.Users.Where(user => user != machine).Select(user => user.Name))}"));

    /// <summary>Refuses shared disks that can't be created, and warns of disks that are not shared, although several machines refer to them.</summary>
    /// <exception cref="VmDeployException"><c>OvaFileMissing</c>.</exception>
    public void Check(ILogger log)
    {
        if (_shared.FirstOrDefault(disk => disk.Disk.FileRef is null) is { } empty)
            throw new VmDeployException(ErrorCodes.OvaFileMissing, $"The disk '{empty.Id}' of {_package}, which {empty.UserNames} share, has no file.", empty.Id, hint: ErrorHint.AddEmptyDiskAfterImport);
        foreach (var disk in _copied)
            log.DiskCopied(_package, disk.Id, disk.UserNames);
    }

    /// <summary>Refuses shared disks in a vApp, where a vCenter creates none.</summary>
    /// <exception cref="VmDeployException"><c>VAppNotPossible</c>.</exception>
    public void CheckNoneShared()
    {
        if (_shared.Count > 0)
            throw new VmDeployException(ErrorCodes.VAppNotPossible, $"{_shared[0].UserNames} share the disk '{_shared[0].Id}', which a vCenter can't create in a vApp.", _package);
    }

    /// <summary>Refuses a set of which some VMs exist and others do not, if they share a disk.</summary>
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
                    $"VM '{vm.Name}' already exists, and not all VMs that share the disk '{disk.Id}' with it: {disk.UserNames}.", vm.Name, hint: ErrorHint.CreateSharersTogether);
            }
        }
    }

    private IEnumerable<CommonDisk> Of(OvfMachine machine) => _shared.Where(disk => disk.Users.Contains(machine));

    private sealed record CommonDisk(OvfDisk Disk, IReadOnlyList<OvfMachine> Users)
    {
        public string Id => Disk.DiskId;

        public string UserNames => Names.List(Users.Select(user => user.Name));
    }
}
