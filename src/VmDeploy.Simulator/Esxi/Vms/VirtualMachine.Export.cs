using VmDeploy.Simulator.Esxi.Core;
using VmDeploy.Simulator.Esxi.Data;
using VmDeploy.Simulator.Esxi.Datastores;
using VmDeploy.Simulator.Esxi.Import;
using VmDeploy.Simulator.Esxi.Snapshots;
using VmDeploy.Simulator.Esxi.Soap;

namespace VmDeploy.Simulator.Esxi.Vms;

/// <summary>Its way out.</summary>
internal sealed partial class VirtualMachine
{
    [VimMethod(Writes = true)]
    public object ExportVm(VimCall call)
    {
        CheckFree();
        CheckPower("poweredOff", "poweredOff");
        return HttpNfcLease.OpenExport(this, null, call).Self;
    }

    /// <summary>The image in a drive that is not there any more keeps every export from starting.</summary>
    /// <exception cref="VimFault">FileNotFound.</exception>
    public void CheckExportable(DataObject config)
    {
        foreach (var drive in config.Object("hardware")!.Objects("device").Where(d => d.Is("VirtualCdrom")))
        {
            if (drive.Object("backing") is { } backing && backing.Is("VirtualCdromIsoBackingInfo") && !DatastorePath.Parse(backing.Text("fileName")!, Center).FileExists)
                throw VimFault.FileNotFound(backing.Text("fileName")!);
        }
    }

    // A snapshot that is read can't be merged.
    private void CheckNotExported(VirtualMachineSnapshot snapshot)
    {
        if (Esx.All<HttpNfcLease>().Any(lease => lease.IsOpen && lease.Snapshot == snapshot))
            throw VimFault.Of("InvalidState", "The operation is not allowed in the current state: the snapshot is being exported.");
    }
}
