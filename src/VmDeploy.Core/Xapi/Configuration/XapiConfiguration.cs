namespace VmDeploy.Xapi;

/// <summary>Settings of VMs on XenServer, a call for each.</summary>
internal sealed class XapiConfiguration(XapiSession session) : VmConfiguration
{
    public override async Task<PlannedChange<Vm>> PlanAsync(Vm vm, VmSettings settings, CancellationToken cancellationToken)
    {
        settings.Check(session.Limits);
        ExtraMaps.Check(settings.ExtraConfig);
        await vm.RefreshAsync(cancellationToken);
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        var state = VmReader.PowerStateOf(record);
        var steps = new ReversibleSteps(session, vm.Name);
        if (settings.CpuCount is { } cpus && cpus != vm.CpuCount)
            AddCpus(steps, vm, record, state, cpus);
        if (settings.MemoryMB is { } memory && memory != vm.MemoryMB)
            AddMemory(steps, vm, record, state, memory << 20);
        if (settings.Annotation is { } annotation && annotation != record.Text("name_description"))
            AddText(steps, record, "name_description", "annotation", annotation);
        foreach (var (map, value) in ExtraMaps.Merge(record, settings.ExtraConfig))
        {
            var before = record.Map(map).ToDictionary(entry => entry.Key, entry => entry.Value);
            steps.Add($"{map} of VM '{vm.Name}'", () => CallAsync($"VM.set_{map}", record.Ref, value), () => CallAsync($"VM.set_{map}", record.Ref, before));
        }
        if (settings.NewName is { } name && name != record.Name)
        {
            if ((await session.FindExistingAsync([name], cancellationToken)).Count > 0)
                throw new VmDeployException(ErrorCodes.VmNameExists, $"A VM with the name '{name}' already exists.", name);
            AddText(steps, record, "name_label", "name", name);
        }
        var description = settings.Describe(vm.State);
        return new PlannedChange<Vm>(description, async (_, token) =>
        {
            await steps.RunAsync(token);
            await vm.RefreshAsync(CancellationToken.None);
            return vm;
        })
        { ChangesNothing = description.Length == 0 };
    }

    private void AddCpus(ReversibleSteps steps, Vm vm, XapiRecord record, PowerState state, int cpus)
    {
        long most = record.Number("VCPUs_max"), before = record.Number("VCPUs_at_startup");
        if (state == PowerState.On && cpus <= most)
        {
            steps.Add($"the number of CPUs of VM '{vm.Name}'", () => CallAsync("VM.set_VCPUs_number_live", record.Ref, cpus), () => CallAsync("VM.set_VCPUs_number_live", record.Ref, before));
            return;
        }
        if (state != PowerState.Off)
            throw NeedsPowerOff(vm, state, state == PowerState.On ? $"{cpus} vCPUs can't be set, because VCPUs_max is {most}" : "its CPUs can't be changed");
        if (record.Map("platform").TryGetValue("cores-per-socket", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var cores)
            && cores > 0 && Math.Max(cpus, most) % cores != 0)
        {
            throw new VmDeployException(ErrorCodes.HardwareInvalid, $"{cpus} vCPUs can't be set: VM '{vm.Name}' has {cores} cores per socket, so the number of vCPUs must be a multiple of {cores}.", cpus);
        }
        // VCPUs_at_startup must never be more than VCPUs_max. VCPUs_max is not lowered: it is the limit for a running VM.
        if (cpus > most)
        {
            steps.Add($"VCPUs_max of VM '{vm.Name}'", () => CallAsync("VM.set_VCPUs_max", record.Ref, cpus), () => CallAsync("VM.set_VCPUs_max", record.Ref, most));
        }
        steps.Add($"the number of CPUs of VM '{vm.Name}'", () => CallAsync("VM.set_VCPUs_at_startup", record.Ref, cpus), () => CallAsync("VM.set_VCPUs_at_startup", record.Ref, before));
    }

    private void AddMemory(ReversibleSteps steps, Vm vm, XapiRecord record, PowerState state, long bytes)
    {
        long least = record.Number("memory_static_min"), most = record.Number("memory_static_max");
        long low = record.Number("memory_dynamic_min"), high = record.Number("memory_dynamic_max");
        var what = $"the memory of VM '{vm.Name}'";
        if (state == PowerState.Off)
        {
            steps.Add(what, () => CallAsync("VM.set_memory_limits", record.Ref, Math.Min(least, bytes), bytes, bytes, bytes),
                () => CallAsync("VM.set_memory_limits", record.Ref, least, most, low, high));
            return;
        }
        if (state != PowerState.On)
            throw NeedsPowerOff(vm, state, "its memory can't be changed");
        if (bytes < least || bytes > most)
        {
            throw NeedsPowerOff(vm, state,
                $"{SizeText.Format(bytes)} of memory can't be set, because memory_static_min is {SizeText.Format(least)} and memory_static_max {SizeText.Format(most)}");
        }
        steps.Add(what, () => CallAsync("VM.set_memory_dynamic_range", record.Ref, bytes, bytes), () => CallAsync("VM.set_memory_dynamic_range", record.Ref, low, high));
    }

    private void AddText(ReversibleSteps steps, XapiRecord record, string field, string what, string text) => steps.Add($"the {what} of VM '{record.Name}'",
        () => CallAsync($"VM.set_{field}", record.Ref, text), () => CallAsync($"VM.set_{field}", record.Ref, record.Text(field)));

    // Not cancelled half-way: the value would be uncertain.
    private Task CallAsync(string method, params object[] arguments) => session.Client.CallAsync(method, CancellationToken.None, arguments);
}
