namespace VmDeploy.Vsphere;

/// <summary><c>MarkAsTemplate</c> and <c>MarkAsVirtualMachine</c>, which only a vCenter has.</summary>
internal sealed class VsphereTemplates(VsphereSession session) : VmTemplates
{
    public override async Task<PlannedChange<VmTemplate>> PlanFromVmAsync(Vm vm, CancellationToken cancellationToken)
    {
        session.Host.RequireTemplates(vm.Name, ErrorHint.CloneStoppedVm);
        await vm.RefreshAsync(cancellationToken);
        if (vm.State.PowerState != PowerState.Off)
            throw new VmDeployException(ErrorCodes.WrongPowerState, $"VM '{vm.Name}' is not powered off; only a VM that is off can become a template.", vm.Name);
        return new PlannedChange<VmTemplate>("Convert to a template", async (_, token) =>
        {
            token.ThrowIfCancellationRequested();
            await MarkAsync(vm.Id, isTemplate: true);
            return await FindAsync(vm.Id, CancellationToken.None);
        });
    }

    public override async Task<PlannedChange<Vm>> PlanToVmAsync(string name, string? hostName, string? resourcePool, CancellationToken cancellationToken)
    {
        session.Host.RequireTemplates(name, ErrorHint.NoTemplatesOnHost);
        var found = await TemplateLookup.FindAsync(session, name, cancellationToken);
        var vm = new Vm(session, found.Id, await session.ReadVmAsync(found.Id, cancellationToken));
        var source = await CloneSource.ReadAsync(session, vm, cancellationToken);
        var inventory = await Inventory.ReadAsync(session.Properties, cancellationToken);
        var placement = Placement.OfCopy(inventory, source, new CloneRequest(vm) { HostName = hostName, ResourcePool = resourcePool });
        var pool = inventory.PoolPath(inventory[placement.ResourcePool]!);
        var where = $"host '{placement.HostName}'{(pool.Length > 0 ? $", resource pool '{pool}'" : "")}";
        return new PlannedChange<Vm>($"Convert to a VM: {where}", async (_, token) =>
        {
            token.ThrowIfCancellationRequested();
            await MarkAsync(vm.Id, isTemplate: false, VimXml.Ref("pool", placement.ResourcePool), VimXml.Ref("host", placement.Host?.Object));
            await vm.RefreshAsync(CancellationToken.None);
            return vm;
        });
    }

    // Not cancelled: it is done at once, and its outcome would be uncertain.
    private Task MarkAsync(string id, bool isTemplate, params XElement?[] arguments)
    {
        var vm = MoRef.Vm(id);
        return ApplyAsync(
            () => session.Soap.CallAsync(vm, isTemplate ? "MarkAsTemplate" : "MarkAsVirtualMachine", CancellationToken.None, arguments),
            async () => VmProperties.IsNoTemplate(await session.Properties.ReadAsync(vm, CancellationToken.None, VmProperties.Template)) != isTemplate);
    }

    private async Task<VmTemplate> FindAsync(string id, CancellationToken cancellationToken) =>
        (await session.Discovery.GetTemplatesAsync(cancellationToken)).FirstOrDefault(template => template.Id == id)
        ?? throw new VmDeployException(ErrorCodes.TemplateNotFound, $"Template {id} was removed.", id);
}
