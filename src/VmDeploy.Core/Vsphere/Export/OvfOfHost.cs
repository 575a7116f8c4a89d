using VmDeploy.Export;

namespace VmDeploy.Vsphere;

/// <summary>The descriptor of a VM that the host writes (<c>OvfCreateDescriptorResult</c>).</summary>
internal sealed record OvfOfHost(string Descriptor, IReadOnlyList<string> Warnings)
{
    /// <param name="session">The session.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="snapshot">The snapshot of it that is exported.</param>
    /// <param name="files">What was exported; what is not in the list is not in the descriptor. An empty list means everything.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="VmDeployException"><c>ExportRefused</c>: the VM has what can't be exported.</exception>
    public static async Task<OvfOfHost> CreateAsync(VsphereSession session, Vm vm, VmSnapshot? snapshot, IReadOnlyList<PackageFile> files, CancellationToken cancellationToken)
    {
        var reply = await session.Soap.CallAsync(session.Content.OvfManager, "CreateDescriptor", cancellationToken,
            VimXml.Ref("obj", MoRef.Of(vm)),
            VimXml.El("cdp",
                files.Select(file => VimXml.El("ovfFiles",
                    VimXml.El("deviceId", ((LeaseFile)file.Source).Key),
                    VimXml.El("path", file.Name),
                    VimXml.El("size", file.Length),
                    VimXml.Optional("capacity", file.Capacity))),
                VimXml.El("name", vm.Name),
                VimXml.El("includeImageFiles", false),
                snapshot is null ? null : VimXml.Ref("snapshot", new MoRef("VirtualMachineSnapshot", snapshot.Id))));
        var result = reply.Required("returnval");
        var errors = result.Children("error").Select(error => VimFault.FromLocalized(error, target: null)).ToList();
        if (errors.Count > 0)
            throw new VmDeployException(ErrorCodes.ExportRefused, $"The host can't export VM '{vm.Name}': {string.Join(" ", errors.Select(e => e.Message).Distinct())}", vm.Name, errors[0]);
        return new OvfOfHost(result.Required("ovfDescriptor").Value, result.Children("warning").Select(warning => VimFault.FromLocalized(warning, target: null).Message).ToList());
    }
}
