namespace VmDeploy;

/// <summary>Changes one VM that exists to what its machine wants.</summary>
internal sealed class MachineChange(MachineSpec machine, Vm vm, SourceFacts facts)
{
    /// <summary>The CD-ROM drive gets another medium.</summary>
    public bool HasOtherMedium { get; init; }

    private VmSession Host => machine.Session;

    /// <summary>Whether the VM must be stopped for the change; asks the host, changes nothing.</summary>
    public async Task<bool> NeedsRestartAsync(CancellationToken cancellationToken)
    {
        if (vm.State.PowerState == PowerState.Off)
            return false;
        try
        {
            foreach (var plan in Plans())
                _ = await plan(cancellationToken);
            return false;
        }
        catch (VmDeployException e) when (IsForPower(e))
        {
            return true;
        }
    }

    /// <summary>Whether a failure means that the VM must be off.</summary>
    public static bool IsForPower(VmDeployException e) => e.Code == ErrorCodes.HardwareNeedsPowerOff || e.Code == ErrorCodes.CdromNeedsPowerOff || e.Code == ErrorCodes.ToolsNotRunning;

    /// <summary>Carries out the changes, one after the other; each is whole or not done, and a second run does the rest.</summary>
    public async Task RunAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        foreach (var plan in Plans())
            await (await plan(cancellationToken))(progress, cancellationToken);
        await vm.RefreshAsync(cancellationToken);
    }

    // Each plan is made when its turn comes, since an earlier change can give the VM other devices.
    private IEnumerable<Func<CancellationToken, Task<Func<IProgress<OperationProgress>, CancellationToken, Task>>>> Plans()
    {
        var wanted = machine.Wanted.Hardware;
        var settings = new VmSettings { CpuCount = wanted.CpuCount, MemoryMB = wanted.MemoryMB, Annotation = machine.Wanted.Annotation };
        if ((wanted.CpuCount ?? vm.CpuCount) != vm.CpuCount || (wanted.MemoryMB ?? vm.MemoryMB) != vm.MemoryMB || (machine.Wanted.Annotation ?? vm.Annotation ?? "") != (vm.Annotation ?? ""))
            yield return async token => (await Host.Configuration.PlanAsync(vm, settings, token)).RunAsync;
        foreach (var (_, index, bytes) in DeploymentComparison.WantedDisks(machine, facts))
        {
            if (index >= vm.Disks.Count)
                yield return async token => (await Host.Disks.PlanAddAsync(vm, new NewDisk { SizeBytes = bytes }, token)).RunAsync;
            else if (bytes > vm.Disks[index].CapacityBytes && !SourceHardware.IsSame(bytes, vm.Disks[index].CapacityBytes))
                yield return async token => (await Host.Disks.PlanGrowAsync(vm.Disks[index], bytes, token)).RunAsync;
        }
        foreach (var (index, network) in DeploymentComparison.OtherNetworks(machine, vm, facts))
        {
            var mac = index < wanted.MacAddresses.Count ? MacAddress.Parse(wanted.MacAddresses[index]) : null;
            if (index >= vm.NetworkAdapters.Count)
                yield return async token => (await Host.NetworkAdapters.PlanAddAsync(vm, new NewNetworkAdapter(network) { MacAddress = mac, Model = wanted.NicModel }, token)).RunAsync;
            else
                yield return async token => (await Host.NetworkAdapters.PlanSetAsync(vm.NetworkAdapters[index], new NetworkAdapterChange { Network = network }, token)).RunAsync;
        }
        for (var i = 0; i < Math.Min(wanted.MacAddresses.Count, vm.NetworkAdapters.Count); i++)
        {
            var (index, mac) = (i, MacAddress.Parse(wanted.MacAddresses[i]));
            if (!string.Equals(mac, vm.NetworkAdapters[index].MacAddress, StringComparison.OrdinalIgnoreCase))
                yield return async token => (await Host.NetworkAdapters.PlanSetAsync(vm.NetworkAdapters[index], new NetworkAdapterChange { MacAddress = mac }, token)).RunAsync;
        }
        if (HasOtherMedium && DeploymentComparison.IsoOf(machine) is { } iso)
            yield return token => PlanMediumAsync(iso.Length == 0 ? CdromMedium.Empty : new CdromMedium(CdromMediumKind.Iso, iso), token);
    }

    private async Task<Func<IProgress<OperationProgress>, CancellationToken, Task>> PlanMediumAsync(CdromMedium medium, CancellationToken cancellationToken)
    {
        var drive = (await Host.Cdroms.GetAsync(vm, cancellationToken)).FirstOrDefault(one => !one.IsOfCloudInit);
        return drive is null
            ? (await Host.Cdroms.PlanAddAsync(vm, medium, null, cancellationToken)).RunAsync
            : (await Host.Cdroms.PlanSetAsync(drive, medium, force: false, cancellationToken)).RunAsync;
    }
}
