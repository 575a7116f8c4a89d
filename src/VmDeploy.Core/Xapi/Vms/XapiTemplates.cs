namespace VmDeploy.Xapi;

/// <summary><c>VM.set_is_a_template</c>.</summary>
internal sealed class XapiTemplates(XapiSession session) : VmTemplates
{
    public override async Task<PlannedChange<VmTemplate>> PlanFromVmAsync(Vm vm, CancellationToken cancellationToken)
    {
        var record = await session.VmRecordAsync(vm.Id, cancellationToken);
        if (VmReader.PowerStateOf(record) != PowerState.Off)
            throw new VmDeployException(ErrorCodes.WrongPowerState, $"VM '{vm.Name}' is not powered off; only a VM that is off can become a template.", vm.Name);
        return new PlannedChange<VmTemplate>("Convert to a template", async (_, token) =>
        {
            token.ThrowIfCancellationRequested();
            await MarkAsync(record.Ref, isTemplate: true);
            return (await session.Discovery.GetTemplatesAsync(CancellationToken.None)).FirstOrDefault(template => template.Id == record.Uuid)
                ?? throw new VmDeployException(ErrorCodes.TemplateNotFound, $"Template '{vm.Name}' was removed.", vm.Name);
        });
    }

    public override async Task<PlannedChange<Vm>> PlanToVmAsync(string name, string? hostName, string? resourcePool, CancellationToken cancellationToken)
    {
        var found = await TemplateLookup.FindAsync(session, name, cancellationToken);
        if (found.IsDefault)
        {
            throw new VmDeployException(ErrorCodes.TemplateBuiltIn,
                $"'{found.Name}' is a built-in template of XenServer, which can't be converted to a VM.", found.Name);
        }
        var inventory = await XapiInventory.ReadAsync(session.Client, cancellationToken);
        var host = inventory.Host(hostName);
        if (resourcePool is not null)
            session.Log.OptionIgnored("The resource pool");
        var record = await session.VmRecordAsync(found.Id, cancellationToken);
        return new PlannedChange<Vm>($"Convert to a VM{(host is null ? "" : $": host '{host.Name}'")}", async (_, token) =>
        {
            token.ThrowIfCancellationRequested();
            if (host is not null)
                await session.Client.CallAsync("VM.set_affinity", CancellationToken.None, record.Ref, host.Ref);
            await MarkAsync(record.Ref, isTemplate: false);
            return await session.FindVmAsync(record.Ref, CancellationToken.None);
        });
    }

    // Not cancelled: it is done at once, and its outcome would be uncertain.
    private Task MarkAsync(string vm, bool isTemplate) => ApplyAsync(
        () => session.Client.CallAsync("VM.set_is_a_template", CancellationToken.None, vm, isTemplate),
        async () => (await session.Client.RecordAsync("VM", vm, CancellationToken.None)).Flag("is_a_template") == isTemplate);
}
