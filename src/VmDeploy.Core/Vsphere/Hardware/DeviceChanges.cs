namespace VmDeploy.Vsphere;

/// <summary>Changes of a VM's devices, based on what was read.</summary>
internal sealed class DeviceChanges(VsphereSession session, VmHardware before)
{
    private Vm Vm => before.Vm;

    /// <summary>Refuses a change of devices that the power state doesn't allow: a suspended VM takes none, and IDE none unless the VM is off.</summary>
    public void CheckPower(StorageBus? bus, string what)
    {
        if (before.PowerState == PowerState.Suspended)
            throw VmConfiguration.NeedsPowerOff(Vm, before.PowerState, "its devices can't be changed");
        if (before.PowerState != PowerState.Off && bus == StorageBus.Ide)
            throw VmConfiguration.NeedsPowerOff(Vm, before.PowerState, $"{what} is on IDE, which can be changed only while the VM is off");
    }

    /// <summary>Runs <c>ReconfigVM_Task</c>: all changes or none.</summary>
    public Task ReconfigureAsync(CancellationToken cancellationToken, params XElement?[] changes) =>
        session.Tasks.RunAsync(before.Reference, "ReconfigVM_Task", Vm.Name, cancellationToken, VimXml.El("spec", changes));

    /// <summary>Adds a device, and the controller that it needs. After a failure the device is removed again, unless the host has said that it changed nothing.</summary>
    /// <param name="what">The device, for messages.</param>
    /// <param name="controller">A new controller, or null.</param>
    /// <param name="change">The addition.</param>
    /// <param name="isIt">Recognizes the device among those that are new.</param>
    /// <param name="read">Reads the new device.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<T> AddAsync<T>(string what, XElement? controller, XElement change, Func<VmHardware, XElement, bool> isIt,
        Func<XElement, Task<T>> read, CancellationToken cancellationToken) => RollbackScope.RunAsync(session, Vm.Name, async scope =>
        {
            var fileOperation = change.Value("fileOperation") is null ? null : "destroy";
            var item = scope.Add($"{what} of VM '{Vm.Name}'", async _ =>
            {
                await session.Tasks.SettleAsync(before.Reference, CancellationToken.None);
                if (Added(await ReadAgainAsync(), isIt) is { } left)
                    await ReconfigureAsync(CancellationToken.None, ConfigSpec.Change("remove", left, fileOperation));
                // In two steps: a controller with a device can't be removed.
                if (controller is not null && (await ReadAgainAsync()).Without(before).FirstOrDefault(d => IsSame(d, controller)) is { } added)
                    await ReconfigureAsync(CancellationToken.None, ConfigSpec.Change("remove", added));
            });
            try
            {
                await ReconfigureAsync(cancellationToken, controller is null ? null : ConfigSpec.Change("add", controller), change);
            }
            catch (VimFault fault) when (fault.EndsTask)
            {
                // Another client has added the new devices.
                scope.Keep(item);
                throw;
            }
            var device = Added(await ReadAgainAsync(), isIt)
                ?? throw new VmDeployException(ErrorCodes.UnexpectedReply, $"The host reports success, but {what} is not on {Vm.Name}.", Vm.Name);
            return await read(device);
        });

    public Task<VmHardware> ReadAgainAsync() => VmHardware.ReadAsync(session, Vm, CancellationToken.None);

    private XElement? Added(VmHardware now, Func<VmHardware, XElement, bool> isIt) => now.Without(before).FirstOrDefault(d => isIt(now, d));

    private static bool IsSame(XElement device, XElement controller) =>
        device.TypeName() == controller.TypeName() && device.Number("busNumber") == controller.Number("busNumber");
}
