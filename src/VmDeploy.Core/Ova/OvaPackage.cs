using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using VmDeploy.Transfer;
using VmDeploy.Vmdk;

namespace VmDeploy.Ova;

/// <summary>
/// An opened package: an <c>.ova</c>, or an <c>.ovf</c> in a folder with its files. Opening reads the index, the descriptor,
/// manifest and certificate; the disks are read only through <see cref="OpenFile"/>. Safe for use by several threads.
/// </summary>
public sealed class OvaPackage : IDisposable
{
    // vCenter refuses requests over 20,000,000 bytes, and the descriptor grows when it is embedded in one.
    private const int MaxDescriptorBytes = 16 << 20;
    private const int MaxManifestBytes = 4 << 20;
    private const int ReadBlock = 1 << 20;

    private readonly PackageSource _source;
    private readonly ConcurrentDictionary<string, long> _inflatedLengths = new(StringComparer.Ordinal);
    private readonly OvaFileResult _descriptorResult;
    private readonly Lazy<OvaSignature> _signature;
    private readonly Lazy<IReadOnlyList<OvfIncompatibility>> _incompatibilities;

    private OvaPackage(PackageSource source, CancellationToken cancellationToken)
    {
        _source = source;

        var descriptor = ReadAll(_source.Descriptor, MaxDescriptorBytes, ErrorCodes.OvfTooLarge, cancellationToken);
        DescriptorXml = OvfText.Decode(descriptor, _source.Descriptor.Name);
        Descriptor = OvfDescriptor.Parse(DescriptorXml, _source.Descriptor.Name);

        var manifestPart = _source.FindCompanion(".mf");
        var manifest = manifestPart is null ? null : ReadAll(manifestPart, MaxManifestBytes, ErrorCodes.OvaManifestInvalid, cancellationToken);
        Manifest = manifest is null ? null : OvaManifest.Parse(Encoding.UTF8.GetString(manifest).TrimStart('\uFEFF'), manifestPart!.Name);
        var certificatePart = _source.FindCompanion(".cert");
        var certificate = certificatePart is null ? null : ReadAll(certificatePart, MaxManifestBytes, ErrorCodes.OvaSignatureInvalid, cancellationToken);
        // Building the chain of a certificate can take seconds.
        _signature = new Lazy<OvaSignature>(() => certificate is null
            ? new OvaSignature(OvaSignatureState.Absent)
            : OvaCertificate.Check(certificate, certificatePart!.Name, manifest));

        var references = new PackageReferences(_source, Descriptor, Manifest, cancellationToken);
        Files = Descriptor.References.Select(references.Locate).ToList();
        _descriptorResult = CompareDescriptor(descriptor);
        _incompatibilities = new(() => OvfAdapter.ForVsphere(DescriptorXml, Descriptor.FileName, newestHardware: null).Edits);
    }

    // The same package with another descriptor; the original owns what is open.
    private OvaPackage(OvaPackage original, string xml, OvfDescriptor descriptor)
    {
        _source = original._source;
        _signature = original._signature;
        _descriptorResult = original._descriptorResult;
        _incompatibilities = original._incompatibilities;
        Manifest = original.Manifest;
        DescriptorXml = xml;
        Descriptor = descriptor;
        var used = new HashSet<string>(descriptor.References.Select(reference => reference.Id));
        Files = original.Files.Where(file => used.Contains(file.Id)).ToList();
    }

    /// <summary>Full path of the package, or its address without a query.</summary>
    public string Path => _source.Path;

    /// <summary>The virtual system's name; if it has none, its id; otherwise the file's name without extension.</summary>
    public string Name => Descriptor.Name ?? Descriptor.SystemId ?? System.IO.Path.GetFileNameWithoutExtension(Path);

    /// <summary>The descriptor.</summary>
    public OvfDescriptor Descriptor { get; }

    /// <summary>The descriptor's text, for a host that parses it itself.</summary>
    public string DescriptorXml { get; }

    /// <summary>What ESXi and vCenter refuse in the descriptor, as far as that is known without a host; <c>Adapt</c> of an import edits it.</summary>
    public IReadOnlyList<OvfIncompatibility> Incompatibilities => _incompatibilities.Value;

    /// <summary>How the descriptor differs from the file's.</summary>
    internal IReadOnlyList<OvfIncompatibility> Edits { get; private init; } = [];

    /// <summary>The manifest, if there is one.</summary>
    public OvaManifest? Manifest { get; }

    /// <summary>The signature over the manifest, checked at the first call.</summary>
    public OvaSignature Signature => _signature.Value;

    /// <summary>The referenced files, in the descriptor's order.</summary>
    public IReadOnlyList<OvaFile> Files { get; }

    /// <summary>Bytes of all files as they are stored.</summary>
    public long StoredBytes => Saturated.Sum(Files.Select(file => file.StoredLength));

    /// <summary>Who wants a file has to decompress what is before it, so that reading several at the same time would repeat that work.</summary>
    internal bool IsForwardOnly => Files.Any(file => file.Parts.Any(part => part.Store.IsForwardOnly));

    /// <summary>Opens a package.</summary>
    /// <param name="path">An <c>.ova</c>, perhaps compressed or in an archive, or an <c>.ovf</c> beside its files; a file, or an address.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    /// <exception cref="VmDeployException">One of the <c>Ova...</c>, <c>Ovf...</c> and <c>Uri...</c> codes.</exception>
    public static Task<OvaPackage> OpenAsync(string path, CancellationToken cancellationToken) => OpenAsync(new PackageLocation(path), cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, CancellationToken)"/>
    /// <param name="location">Where it is, and what is known of it.</param>
    /// <param name="cancellationToken">Stops between reads.</param>
    public static Task<OvaPackage> OpenAsync(PackageLocation location, CancellationToken cancellationToken) => Task.Run(
        () => PackageLocation.IsAddress(location.Path) ? OpenAddressAsync(location, cancellationToken) : OpenFileAsync(location, cancellationToken), cancellationToken);

    /// <summary>The same package with an edited descriptor. This one remains the owner of the open file.</summary>
    internal OvaPackage WithDescriptor(AdaptedDescriptor adapted) => adapted.Edits.Count == 0
        ? this
        : new OvaPackage(this, adapted.Xml, OvfDescriptor.Parse(adapted.Xml, Descriptor.FileName)) { Edits = adapted.Edits };

    /// <summary>The package of one machine of a group, with the files that it uses. This one remains the owner of the open file.</summary>
    internal OvaPackage OfMachine(OvfMachine machine) => new(this, machine.ToXml(), machine.Descriptor);

    /// <summary>The file of an id; <c>OvaFileMissing</c> if the descriptor has no such file.</summary>
    public OvaFile GetFile(string id) =>
        Files.FirstOrDefault(file => file.Id == id)
        ?? throw new VmDeployException(ErrorCodes.OvaFileMissing, $"'{Path}' has no file with the id '{id}'.", id);

    /// <summary>The bytes to send. May be called again, and several streams may be open at the same time.</summary>
    public OvaFileStream OpenFile(OvaFile file) => new(file, Manifest);

    /// <summary>Number of bytes to send; a gzip'ed file is inflated once to count them.</summary>
    public async Task<long> GetLengthAsync(OvaFile file, CancellationToken cancellationToken)
    {
        if (file.Length is { } known || _inflatedLengths.TryGetValue(file.Id, out known))
            return known;
        using var stream = OpenFile(file);
        var buffer = new byte[ReadBlock];
        long length = 0;
        for (int read; (read = await stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken)) > 0;)
            length += read;
        return _inflatedLengths[file.Id] = length;
    }

    /// <summary>
    /// Checks what can be checked without a host: one VM, the descriptor's digest, the signature,
    /// and that every disk is a stream-optimized VMDK.
    /// </summary>
    /// <exception cref="VmDeployException">
    /// <c>OvfVirtualSystemCollection</c>, <c>OvaDigestMismatch</c>, <c>OvaSignatureInvalid</c> or <c>VmdkNotStreamOptimized</c>.
    /// </exception>
    /// <returns>The capacity of each disk in bytes, as its file has it, by the id of the file.</returns>
    public async Task<IReadOnlyDictionary<string, long>> CheckImportableAsync(CancellationToken cancellationToken)
    {
        if (Descriptor.IsCollection)
        {
            throw new VmDeployException(ErrorCodes.OvfVirtualSystemCollection,
                $"'{Path}' contains a group of VMs (a vApp), not a single VM.", Path);
        }
        _descriptorResult.ThrowIfMismatch(Path);
        Signature.ThrowIfInvalid();
        var capacities = new Dictionary<string, long>();
        foreach (var file in Files.Where(file => file.IsDisk))
            capacities[file.Id] = (await CheckDiskAsync(file, cancellationToken)).CapacityBytes;
        return capacities;
    }

    /// <summary>Reads every file and compares digests and signature; findings are returned, not thrown.</summary>
    /// <exception cref="VmDeployException">A file can't be read to its end.</exception>
    public async Task<OvaVerification> VerifyAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken)
    {
        var parts = Files.SelectMany(file => file.Parts).ToList();
        var names = new HashSet<string>(parts.Select(part => part.Name)) { _descriptorResult.Name };
        var results = new List<OvaFileResult> { _descriptorResult };
        foreach (var entry in Manifest?.Entries ?? [])
        {
            if (!names.Add(entry.FileName))
                continue;
            if (_source.Find(entry.FileName) is { } unreferenced)
                parts.Add(unreferenced);
            else
                results.Add(new OvaFileResult(entry.FileName, OvaDigestState.Missing) { Algorithm = entry.Algorithm, Expected = entry.Digest });
        }

        var meter = new TransferMeter(progress, new OperationProgress(0, $"Verifying {System.IO.Path.GetFileName(Path)}", "Comparing digests")
        {
            BytesTotal = Saturated.Sum(parts.Select(part => part.Length)),
        });
        using var stream = new StoredStream(parts, Manifest);
        var buffer = new byte[ReadBlock];
        for (int read; (read = await stream.ReadAsync(buffer, 0, buffer.Length, cancellationToken)) > 0;)
            meter.Add(read);
        meter.Complete();
        results.InsertRange(1, stream.Results);
        return new OvaVerification(Manifest is not null, results, Signature);
    }

    /// <summary>Closes the package.</summary>
    public void Dispose() => _source.Dispose();

    private static async Task<OvaPackage> OpenAddressAsync(PackageLocation location, CancellationToken cancellationToken)
    {
        var isDescriptor = PackageLocation.IsDescriptor(location.Address.AbsoluteUri);
        var store = await new PackageFetch(location, cancellationToken).OpenAddressAsync(readsForward: isDescriptor);
        return Open(store, () => isDescriptor ? new WebFolderSource(location, store, cancellationToken) : new PackageFormat(location.Progress, cancellationToken).Open(store), cancellationToken);
    }

    private static async Task<OvaPackage> OpenFileAsync(PackageLocation location, CancellationToken cancellationToken)
    {
        var path = location.Path;
        FileStore? store = null;
        try
        {
            // A pipe has no length either, and opening one could wait for ever.
            if (new FileInfo(path) is { Exists: true, Length: 0 })
                throw new VmDeployException(PackageLocation.IsDescriptor(path) ? ErrorCodes.OvfMalformed : ErrorCodes.OvaNotATar, $"'{path}' is empty.", path);
            // It stays open so that (on Windows) no other program changes the package during an import.
            store = new FileStore(new FileStream(System.IO.Path.GetFullPath(path), FileMode.Open, FileAccess.Read, FileShare.Read));
            await new PackageFetch(location, cancellationToken).CheckAsync(store);
            return Open(store, () => PackageLocation.IsDescriptor(path) ? new FolderSource(store) : new PackageFormat(location.Progress, cancellationToken).Open(store), cancellationToken);
        }
        catch (Exception e)
        {
            store?.Dispose();
            throw e switch
            {
                FileNotFoundException or DirectoryNotFoundException or DriveNotFoundException =>
                    new VmDeployException(ErrorCodes.OvaNotFound, $"File '{path}' not found.", path, e),
                IOException or UnauthorizedAccessException when Directory.Exists(path) =>
                    new VmDeployException(ErrorCodes.OvaIsFolder, $"'{path}' is a folder, not a package.", path, e),
                IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException =>
                    new VmDeployException(ErrorCodes.OvaUnreadable, $"'{path}' can't be read: {e.Message}", path, e),
                _ => e,
            };
        }
    }

    private static OvaPackage Open(ByteStore store, Func<PackageSource> open, CancellationToken cancellationToken)
    {
        PackageSource? source = null;
        try
        {
            source = open();
            source.Own([store]);
            return new OvaPackage(source, cancellationToken);
        }
        catch
        {
            source?.Dispose();
            store.Dispose();
            throw;
        }
    }

    private static byte[] ReadAll(OvaPart part, int limit, ErrorCode tooLarge, CancellationToken cancellationToken)
    {
        if (part.Length > limit)
            throw new VmDeployException(tooLarge, $"'{part.Name}' has {part.Length} bytes; at most {limit} are accepted.", part.Name);
        using var stream = new StoredStream([part], manifest: null, cancellationToken);
        var content = new byte[part.Length];
        for (var done = 0; done < content.Length;)
            done += stream.Read(content, done, content.Length - done);
        return content;
    }

    private OvaFileResult CompareDescriptor(byte[] content)
    {
        var name = _source.Descriptor.Name;
        if (Manifest?.Find(name) is not { } expected)
            return new OvaFileResult(name, Manifest is null ? OvaDigestState.NoManifest : OvaDigestState.NotListed);
        using var hash = IncrementalHash.CreateHash(new HashAlgorithmName(expected.Algorithm));
        hash.AppendData(content);
        return OvaFileResult.Compare(expected, hash.GetHashAndReset());
    }

    private async Task<VmdkHeader> CheckDiskAsync(OvaFile file, CancellationToken cancellationToken)
    {
        using var stream = OpenFile(file);
        var start = new byte[VmdkHeader.Size];
        var length = 0;
        for (int read; length < start.Length && (read = await stream.ReadAsync(start, length, start.Length - length, cancellationToken)) > 0;)
            length += read;
        var header = VmdkHeader.TryParse(start.AsSpan(0, length), out var problem);
        return header is { IsStreamOptimized: true } ? header : throw new VmDeployException(ErrorCodes.VmdkNotStreamOptimized,
            $"The disk '{file.Href}' of '{Path}' {problem ?? "is a sparse VMDK, but not a stream-optimized one"}.", file.Href);
    }
}
