using VmDeploy.Export;

namespace VmDeploy;

/// <summary>VMs as packages.</summary>
public abstract class VmExports
{
    /// <summary>Checks that a VM can be exported, and its destination; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>ExportSourceRunning</c>, <c>CdromImageMissing</c>, <c>LocalFileExists</c>, <c>LocalFileNotWritable</c> or <c>ExportRefused</c>.</exception>
    public async Task<PlannedChange<ExportedPackage>> PlanAsync(ExportRequest request, CancellationToken cancellationToken)
    {
        var vm = request.Vm;
        await vm.RefreshAsync(cancellationToken);
        var stem = PackageNames.StemOf(vm.Name);
        var target = PackageTarget.Create(request, stem);
        if (request.Kept.Contains(target.Path, StringComparer.OrdinalIgnoreCase))
            throw new VmDeployException(ErrorCodes.LocalFileExists, $"Another VM of this command is exported to '{target.Path}'.", target.Path, hint: ErrorHint.FolderForAll);
        var needsSnapshot = TemporarySnapshot.Check(vm, request.Snapshot);
        var source = await FindAsync(vm, cancellationToken);
        if (source.IsCompressed && request.Compression is not null)
            vm.Session.Log.CompressionIgnored(vm.Name);
        var disks = vm.Disks.Count == 0 ? "no disks" : $"disk{(vm.Disks.Count == 1 ? "" : "s")} {string.Join(" + ", vm.Disks.Select(disk => SizeText.Format(disk.CapacityBytes)))}";
        return new PlannedChange<ExportedPackage>($"Export to {target.Path}: {disks}{(needsSnapshot ? ", through a temporary snapshot" : "")}",
            (progress, token) => new PackageExport(request, source, target, stem, new TemporarySnapshot(vm, "export", needsSnapshot)).RunAsync(progress, token))
        {
            LocalPath = target.Path,
        };
    }

    /// <summary>Finds what is to be exported, and what keeps it from being so.</summary>
    internal abstract Task<ExportSource> FindAsync(Vm vm, CancellationToken cancellationToken);
}
