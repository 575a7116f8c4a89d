using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using System.Xml.Linq;

namespace VmDeploy.Vsphere;

public sealed partial class VsphereSession
{
    /// <inheritdoc/>
    public override async Task<IReadOnlyList<VmCdrom>> GetCdromsAsync(Vm vm, CancellationToken cancellationToken) =>
        CdromDevice.Read(await VmHardware.ReadAsync(this, vm, cancellationToken));

    /// <inheritdoc/>
    public override async Task<VmCdrom> AddCdromAsync(
        Vm vm, CdromMedium medium, CdromBus? bus, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        VmHardware hardware = await VmHardware.ReadAsync(this, vm, cancellationToken);
        return await new CdromEditor(this, hardware).AddAsync(medium, bus, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<VmCdrom> SetCdromAsync(
        VmCdrom cdrom, CdromMedium medium, bool force, IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        VmHardware hardware = await VmHardware.ReadAsync(this, cdrom.Vm, cancellationToken);
        XElement drive = CdromEditor.Find(hardware, cdrom.Id);
        return await new CdromEditor(this, hardware).SetAsync(drive, medium, force, progress, cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task RemoveCdromAsync(VmCdrom cdrom, CancellationToken cancellationToken)
    {
        VmHardware hardware = await VmHardware.ReadAsync(this, cdrom.Vm, cancellationToken);
        XElement drive = CdromEditor.Find(hardware, cdrom.Id);
        await new CdromEditor(this, hardware).RemoveAsync(drive, cancellationToken);
    }
}
