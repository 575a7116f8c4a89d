using VmDeploy.Export;
using VmDeploy.Import;
using VmDeploy.Ova;

namespace VmDeploy.Copy;

/// <summary>A VM of another host, or of the same one, that VMs are made from: its disks go from host to host through this process.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "A semaphore whose wait handle is not used holds nothing.")]
internal sealed class CopiedVm : ImportSource
{
    private readonly Vm _vm;
    private readonly ExportSource _source;
    private readonly bool _needsSnapshot;
    private readonly SemaphoreSlim _turn = new(1);
    private readonly Dictionary<string, ExportedFile> _open = [];
    private readonly Lazy<IReadOnlyList<OvfIncompatibility>> _incompatibilities;

    private Func<string, string, AdaptedDescriptor>? _adapt;
    private Contents _contents;
    private long _read;

    private CopiedVm(Vm vm, ExportSource source, bool needsSnapshot, string descriptor)
    {
        _vm = vm;
        _source = source;
        _needsSnapshot = needsSnapshot;
        _contents = Read(descriptor);
        _incompatibilities = new(() => OvfAdapter.ForVsphere(DescriptorXml, FileName, newestHardware: null).Edits);
    }

    public override string Name => _vm.Name;

    public override string Path => _vm.Name;

    public override string Action => $"Copy {_vm.Name} from {_vm.Server}{(_needsSnapshot ? " through a temporary snapshot" : "")}";

    public override OvfDescriptor Descriptor => _contents.Descriptor;

    public override string DescriptorXml => _contents.Xml;

    public override IReadOnlyList<OvfIncompatibility> Incompatibilities => _incompatibilities.Value;

    public override IReadOnlyList<OvfIncompatibility> Edits => _contents.Edits;

    public override IReadOnlyList<ImportFile> Files => _contents.Files;

    // Each is a download of its own.
    public override bool CanReadSideBySide => true;

    public ExportTraits Traits => _source.Traits;

    private string FileName => $"{PackageNames.StemOf(_vm.Name)}.ovf";

    /// <summary>Checks that the VM can be read; changes nothing.</summary>
    /// <exception cref="VmDeployException"><c>ExportSourceRunning</c>, <c>ExportRefused</c> or <c>CdromImageMissing</c>.</exception>
    public static async Task<CopiedVm> CreateAsync(Vm vm, bool snapshot, CancellationToken cancellationToken)
    {
        await vm.RefreshAsync(cancellationToken);
        var needsSnapshot = TemporarySnapshot.Check(vm, snapshot);
        var source = await vm.Session.Exports.FindAsync(vm, cancellationToken);
        var descriptor = new CopyDescriptor(await source.RehearseAsync(cancellationToken), vm.Name);
        descriptor.NameFiles();
        return new CopiedVm(vm, source, needsSnapshot, descriptor.ToXml());
    }

    public override ImportSource Adapt(Func<string, string, AdaptedDescriptor> adapt)
    {
        _adapt = adapt;
        _contents = Read(DescriptorXml);
        return this;
    }

    public override Task<IReadOnlyDictionary<string, long>> CheckImportableAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<string, long>>(new Dictionary<string, long>());

    /// <summary>Opens the disks, through a temporary snapshot if the VM is not off. Whoever comes meanwhile waits: a host gives the disks of a VM to one reader at a time.</summary>
    public override async Task UseAsync(Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            _read = 0;
            // What can't be removed from the source's host has been told as a warning; the copy is whole.
            await new TemporarySnapshot(_vm, "copy", _needsSnapshot).RunAsync(
                (snapshot, scope) => _source.UseAsync(snapshot, scope, () => (int)Math.Min(99, Volatile.Read(ref _read) * 100 / Math.Max(1, _source.EstimatedBytes)), async (export, token) =>
                {
                    await MatchAsync(export, token);
                    await work(token);
                }, cancellationToken),
                new Progress<OperationProgress>(), cancellationToken);
        }
        finally
        {
            _open.Clear();
            _turn.Release();
        }
    }

    // Only the host knows for certain which of its files is which disk of its descriptor.
    private async Task MatchAsync(OpenExport export, CancellationToken cancellationToken)
    {
        var files = export.Unwritten(file => file.Name);
        var descriptor = new CopyDescriptor(await export.DescribeAsync(files, cancellationToken), Name);
        var byName = files.ToDictionary(file => file.Name, file => file.Source);
        foreach (var (name, original) in descriptor.NameFiles())
        {
            _open[name] = original is not null && byName.TryGetValue(original, out var found) ? found
                : throw new VmDeployException(ErrorCodes.ExportRefused, $"The host has no file for '{name}' of VM '{Name}'.", Name);
        }
        var disks = Descriptor.Disks.Count;
        _contents = Read(descriptor.ToXml());
        if (Descriptor.Disks.Count != disks)
            throw new VmDeployException(ErrorCodes.ExportRefused, $"VM '{Name}' had {disks} disks when its copy was planned, and has {Descriptor.Disks.Count} now.", Name);
    }

    private Contents Read(string xml)
    {
        var adapted = _adapt?.Invoke(xml, FileName);
        var descriptor = OvfDescriptor.Parse(adapted?.Xml ?? xml, FileName);
        return new Contents(adapted?.Xml ?? xml, descriptor, adapted?.Edits ?? [], descriptor.References.Select(file => new CopiedFile(this, file.Id, file.Href)).ToList());
    }

    /// <summary>The VM as its host describes it, before its disks are open or then.</summary>
    private sealed record Contents(string Xml, OvfDescriptor Descriptor, IReadOnlyList<OvfIncompatibility> Edits, IReadOnlyList<ImportFile> Files);

    private sealed class CopiedFile(CopiedVm copy, string id, string href) : ImportFile(id, href)
    {
        public override ExportedForm Form => Source.Form;

        // In proportion to the disks.
        public override long StoredLength => (long)(copy._source.EstimatedBytes * ((double)(Capacity ?? 0) / Math.Max(1, copy.Descriptor.Disks.Sum(disk => disk.CapacityBytes ?? 0))));

        private ExportedFile Source => copy._open[Href];

        // Names stay, ids are those of each descriptor.
        private long? Capacity => copy.Descriptor.References.FirstOrDefault(file => file.Href == Href) is { } own
            ? copy.Descriptor.Disks.FirstOrDefault(disk => disk.FileRef == own.Id)?.CapacityBytes : null;

        public override Task<long?> GetLengthAsync(CancellationToken cancellationToken) => Task.FromResult<long?>(null);

        public override Task<long> GetCapacityAsync(CancellationToken cancellationToken) => Task.FromResult(
            (copy._open.TryGetValue(Href, out var open) ? open.Capacity : null) ?? Capacity
            ?? throw new VmDeployException(ErrorCodes.ExportRefused, $"The host does not say how large '{Href}' of VM '{copy.Name}' is.", copy.Name));

        public override async Task<IReadOnlyList<OvaFileResult>> ReadAsync(Func<ImportStream, Task> consume, CancellationToken cancellationToken)
        {
            var source = Source;
            PackageFile? sent = null;
            await source.ReadAsync(async (stream, length) =>
            {
                using var bytes = new CopiedStream(stream, source, count => Interlocked.Add(ref copy._read, count));
                try
                {
                    await consume(new ImportStream(bytes, source.Form == ExportedForm.Raw ? null : length, () => bytes.Count));
                    await bytes.DrainAsync(cancellationToken);
                }
                catch (Exception) when (bytes.Failure is not null)
                {
                    // The other host saw no more than a body that ended early.
                    System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(bytes.Failure).Throw();
                }
                sent = new PackageFile(source, Href, bytes.Count, bytes.Digests());
            }, cancellationToken);
            await source.VerifyAsync(sent!, cancellationToken);
            return [];
        }
    }
}
