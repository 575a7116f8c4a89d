namespace VmDeploy;

/// <summary>Changes one VM that exists to what its machine wants.</summary>
/// <param name="machine">The machine.</param>
/// <param name="found">Its VM.</param>
/// <param name="facts">What is known of its source.</param>
internal sealed class MachineChange(MachineSpec machine, DeployedVm found, SourceFacts facts)
{
    private readonly Vm _vm = found.Vm;

    private VmSession Host => machine.Session;

    /// <summary>Checks the changes with the host, and returns whether the VM must be stopped for them; changes nothing.</summary>
    public async Task<bool> NeedsStopAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var plan in Plans())
                _ = await plan(cancellationToken);
            return false;
        }
        catch (VmDeployException e) when (_vm.State.PowerState != PowerState.Off && IsForPower(e))
        {
            return true;
        }
    }

    private static bool IsForPower(VmDeployException e) => e.Code == ErrorCodes.HardwareNeedsPowerOff || e.Code == ErrorCodes.CdromNeedsPowerOff || e.Code == ErrorCodes.ToolsNotRunning;

    /// <summary>Carries out the changes, one after the other; each is whole or not done, and a second run does the rest.</summary>
    public async Task RunAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        foreach (var plan in Plans())
            await (await plan(cancellationToken))(progress, cancellationToken);
        await _vm.RefreshAsync(cancellationToken);
    }

    // Each plan is made when its turn comes, since an earlier change can give the VM other devices.
    private IEnumerable<Func<CancellationToken, Task<Func<IProgress<OperationProgress>, CancellationToken, Task>>>> Plans()
    {
        var wanted = machine.Wanted.Hardware;
        var extra = DeploymentComparison.OtherExtraConfig(machine, found).ToDictionary(entry => entry.Key, entry => entry.Value);
        var name = string.Equals(machine.Name, _vm.Name, StringComparison.OrdinalIgnoreCase) ? null : machine.Name;
        var settings = new VmSettings { NewName = name, CpuCount = wanted.CpuCount, MemoryMB = wanted.MemoryMB, Annotation = machine.Wanted.Annotation, ExtraConfig = extra };
        if (name is not null || (wanted.CpuCount ?? _vm.CpuCount) != _vm.CpuCount || (wanted.MemoryMB ?? _vm.MemoryMB) != _vm.MemoryMB
            || (machine.Wanted.Annotation ?? _vm.Annotation ?? "") != (_vm.Annotation ?? "") || extra.Count > 0)
        {
            yield return async token => (await Host.Configuration.PlanAsync(_vm, settings, token)).RunAsync;
        }
        foreach (var (_, index, bytes) in DeploymentComparison.WantedDisks(machine, found.Owner?.Disks ?? facts.Disks))
        {
            if (index >= _vm.Disks.Count)
                yield return async token => (await Host.Disks.PlanAddAsync(_vm, new NewDisk { SizeBytes = bytes }, token)).RunAsync;
            else if (bytes > _vm.Disks[index].CapacityBytes && !SourceHardware.IsSame(bytes, _vm.Disks[index].CapacityBytes))
                yield return async token => (await Host.Disks.PlanGrowAsync(_vm.Disks[index], bytes, token)).RunAsync;
        }
        foreach (var (index, network) in DeploymentComparison.OtherNetworks(machine, _vm, facts))
        {
            var mac = index < wanted.MacAddresses.Count ? MacAddress.Parse(wanted.MacAddresses[index]) : null;
            if (index >= _vm.NetworkAdapters.Count)
                yield return async token => (await Host.NetworkAdapters.PlanAddAsync(_vm, new NewNetworkAdapter(network) { MacAddress = mac, Model = wanted.NicModel }, token)).RunAsync;
            else
                yield return async token => (await Host.NetworkAdapters.PlanSetAsync(_vm.NetworkAdapters[index], new NetworkAdapterChange { Network = network }, token)).RunAsync;
        }
        for (var i = 0; i < Math.Min(wanted.MacAddresses.Count, _vm.NetworkAdapters.Count); i++)
        {
            var (index, mac) = (i, MacAddress.Parse(wanted.MacAddresses[i]));
            if (!string.Equals(mac, _vm.NetworkAdapters[index].MacAddress, StringComparison.OrdinalIgnoreCase))
                yield return async token => (await Host.NetworkAdapters.PlanSetAsync(_vm.NetworkAdapters[index], new NetworkAdapterChange { MacAddress = mac }, token)).RunAsync;
        }
        if (DeploymentComparison.OtherIso(machine, found) is { } iso)
            yield return token => iso.Length == 0 ? PlanEjectAsync(token) : PlanMediumAsync(new CdromMedium(CdromMediumKind.Iso, iso), token);
    }

    private async Task<Func<IProgress<OperationProgress>, CancellationToken, Task>> PlanMediumAsync(CdromMedium medium, CancellationToken cancellationToken)
    {
        var drive = (await Host.Cdroms.GetAsync(_vm, cancellationToken)).FirstOrDefault(one => !one.IsOfCloudInit);
        return drive is null
            ? (await Host.Cdroms.PlanAddAsync(_vm, medium, null, cancellationToken)).RunAsync
            : (await Host.Cdroms.PlanSetAsync(drive, medium, force: false, cancellationToken)).RunAsync;
    }

    private async Task<Func<IProgress<OperationProgress>, CancellationToken, Task>> PlanEjectAsync(CancellationToken cancellationToken)
    {
        var plans = new List<PlannedChange<VmCdrom>>();
        foreach (var drive in (await Host.Cdroms.GetAsync(_vm, cancellationToken)).Where(one => !one.IsOfCloudInit && one.Medium.MediumKind == CdromMediumKind.Iso))
            plans.Add(await Host.Cdroms.PlanSetAsync(drive, CdromMedium.Empty, force: false, cancellationToken));
        return async (progress, token) =>
        {
            foreach (var plan in plans)
                await plan.RunAsync(progress, token);
        };
    }
}
