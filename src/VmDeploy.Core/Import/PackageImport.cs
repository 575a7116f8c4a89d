using VmDeploy.Export;
using VmDeploy.Ova;
using VmDeploy.Vmdk;

namespace VmDeploy.Import;

/// <summary>A package that VMs are made from.</summary>
internal sealed class PackageImport(OvaPackage package) : ImportSource
{
    public override string Name => package.Name;

    public override string Path => package.Path;

    public override string Action => $"Import {System.IO.Path.GetFileName(package.Path)}";

    public override OvfDescriptor Descriptor => package.Descriptor;

    public override string DescriptorXml => package.DescriptorXml;

    public override IReadOnlyList<OvfIncompatibility> Incompatibilities => package.Incompatibilities;

    public override IReadOnlyList<OvfIncompatibility> Edits => package.Edits;

    public override IReadOnlyList<ImportFile> Files { get; } = [.. package.Files.Select(file => new StoredFile(package, file))];

    public override bool CanReadSideBySide => !package.IsForwardOnly;

    public override ImportSource Adapt(Func<string, string, AdaptedDescriptor> adapt) =>
        new PackageImport(package.WithDescriptor(adapt(package.DescriptorXml, package.Descriptor.FileName)));

    public override Task<IReadOnlyDictionary<string, long>> CheckImportableAsync(CancellationToken cancellationToken) => package.CheckImportableAsync(cancellationToken);

    private sealed class StoredFile(OvaPackage package, OvaFile file) : ImportFile(file.Id, file.Href)
    {
        public override ExportedForm Form => file.IsDisk ? ExportedForm.StreamOptimized : ExportedForm.Other;

        public override long StoredLength => file.StoredLength;

        public override async Task<long?> GetLengthAsync(CancellationToken cancellationToken) => await package.GetLengthAsync(file, cancellationToken);

        public override async Task<long> GetCapacityAsync(CancellationToken cancellationToken)
        {
            using var source = package.OpenFile(file);
            return (await new StreamOptimizedReader(source, Href).ReadHeaderAsync(cancellationToken)).CapacityBytes;
        }

        public override async Task<IReadOnlyList<OvaFileResult>> ReadAsync(Func<ImportStream, Task> consume, CancellationToken cancellationToken)
        {
            var length = file.Length;
            using var source = package.OpenFile(file);
            await consume(new ImportStream(source, length, () => source.StoredPosition));
            return await source.CompleteAsync(cancellationToken);
        }
    }
}
