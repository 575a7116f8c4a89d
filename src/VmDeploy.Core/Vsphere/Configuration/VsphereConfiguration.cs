namespace VmDeploy.Vsphere;

/// <summary>Settings of VMs on vSphere: one <c>ReconfigVM_Task</c>, which succeeds or fails as a whole.</summary>
internal sealed class VsphereConfiguration(VsphereSession session) : VmConfiguration
{
    public override async Task<PlannedChange<Vm>> PlanAsync(Vm vm, VmSettings settings, CancellationToken cancellationToken)
    {
        settings.Check(session.Limits);
        await vm.RefreshAsync(cancellationToken);
        var reference = MoRef.Of(vm);
        var now = await session.Properties.ReadAsync(reference, cancellationToken, "parent", "config");
        var config = now["config"] ?? throw new VmDeployException(ErrorCodes.HostBusy, $"The configuration of {vm.Name} can't be read.", vm.Name) { IsTransient = true };
        CheckHotCpus(vm, settings.CpuCount, config);
        CheckHotMemory(vm, settings.MemoryMB, config);
        if (settings.NewName is { } name && !string.Equals(name, vm.Name, StringComparison.OrdinalIgnoreCase) && now.Reference("parent") is { } folder
            && (await session.FindExistingAsync([name], folder, cancellationToken)).Count > 0)
        {
            throw new VmDeployException(ErrorCodes.VmNameExists, $"A VM with the name '{name}' already exists in the folder of {vm.Name}.", name);
        }
        var spec = ConfigSpec.Create("spec",
            settings.NewName is { } other && other != vm.Name ? VimXml.El("name", other) : null,
            settings.Annotation is { } annotation && annotation != (vm.Annotation ?? "") ? VimXml.El("annotation", annotation) : null,
            HardwareChange.Create(config, Changed(settings.CpuCount, vm.CpuCount), Changed(settings.MemoryMB, vm.MemoryMB)),
            settings.ExtraConfig.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => ConfigSpec.Extra(entry.Key, entry.Value)));
        var description = settings.Describe(vm.State);
        return new PlannedChange<Vm>(description, async (_, token) =>
        {
            if (spec.HasElements)
                await session.Tasks.RunAsync(reference, "ReconfigVM_Task", vm.Name, token, spec);
            await vm.RefreshAsync(CancellationToken.None);
            return vm;
        })
        { ChangesNothing = description.Length == 0 };
    }

    private static T? Changed<T>(T? wanted, T now)
        where T : struct => wanted is { } value && !value.Equals(now) ? value : null;

    private static void CheckHotCpus(Vm vm, int? wanted, XElement config)
    {
        if (vm.State.PowerState == PowerState.Off || wanted is not { } cpus || cpus == vm.CpuCount)
            return;
        var cores = Math.Max(1, config.Child("hardware")?.Number("numCoresPerSocket") ?? 1);
        var reason = vm.State.PowerState != PowerState.On ? "its CPUs can't be changed"
            : cpus > vm.CpuCount && config.Value("cpuHotAddEnabled") != "true" ? "CPUs can't be added, because cpuHotAddEnabled is false"
            : cpus < vm.CpuCount && config.Value("cpuHotRemoveEnabled") != "true" ? "CPUs can't be removed, because cpuHotRemoveEnabled is false"
            : cpus % cores != 0 ? $"{cpus} vCPUs can't be set, because each socket has {cores} cores (numCoresPerSocket)"
            : null;
        if (reason is not null)
            throw NeedsPowerOff(vm, vm.State.PowerState, reason);
    }

    private static void CheckHotMemory(Vm vm, long? wanted, XElement config)
    {
        if (vm.State.PowerState == PowerState.Off || wanted is not { } memory || memory == vm.MemoryMB)
            return;
        var step = VmProperties.Number(config.Value("hotPlugMemoryIncrementSize"));
        var limit = VmProperties.Number(config.Value("hotPlugMemoryLimit"));
        var reason = vm.State.PowerState != PowerState.On ? "its memory can't be changed"
            : memory < vm.MemoryMB ? "memory can't be removed"
            : config.Value("memoryHotAddEnabled") != "true" ? "memory can't be added, because memoryHotAddEnabled is false"
            : limit > 0 && memory > limit ? $"{memory} MB can't be set, because hotPlugMemoryLimit is {limit} MB"
            : step > 0 && (memory - vm.MemoryMB) % step != 0 ? $"{memory} MB can't be set, because memory is added in steps of {step} MB (hotPlugMemoryIncrementSize)"
            : null;
        if (reason is not null)
            throw NeedsPowerOff(vm, vm.State.PowerState, reason);
    }
}
