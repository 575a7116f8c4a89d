using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace VmDeploy.Ova;

/// <summary>
/// An opened package: an <c>.ova</c>, or an <c>.ovf</c> in a folder with its files. Opening reads the index, the descriptor,
/// manifest and certificate; the disks are read only through <see cref="OpenFile"/>. Safe for use by several threads.
/// </summary>
public sealed class OvaPackage : IDisposable
{
    /// <summary>Full path of the <c>.ova</c> or <c>.ovf</c>.</summary>
    public string Path => throw new NotImplementedException();

    /// <summary>The virtual system's name, or else the file's without extension.</summary>
    public string Name => throw new NotImplementedException();

    /// <summary>The descriptor.</summary>
    public OvfDescriptor Descriptor => throw new NotImplementedException();

    /// <summary>The descriptor's text, for a host that parses it itself.</summary>
    public string DescriptorXml => throw new NotImplementedException();

    /// <summary>The manifest, if there is one.</summary>
    public OvaManifest? Manifest => throw new NotImplementedException();

    /// <summary>The signature over the manifest, checked.</summary>
    public OvaSignature Signature => throw new NotImplementedException();

    /// <summary>The referenced files, in the descriptor's order.</summary>
    public IReadOnlyList<OvaFile> Files => throw new NotImplementedException();

    /// <summary>Opens a package.</summary>
    /// <exception cref="VmDeployException">One of the <c>Ova...</c> and <c>Ovf...</c> codes.</exception>
    public static Task<OvaPackage> OpenAsync(string path, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>The file of an id; <c>OvaFileMissing</c> when the descriptor has none such.</summary>
    public OvaFile GetFile(string id) => throw new NotImplementedException();

    /// <summary>The bytes to send. May be called again, and several streams may be open at a time.</summary>
    public OvaFileStream OpenFile(OvaFile file) => throw new NotImplementedException();

    /// <summary>Bytes to send: known, or found by inflating a gzip'ed file once.</summary>
    public Task<long> GetLengthAsync(OvaFile file, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>
    /// What an import must know before it asks a host for anything: one machine, the descriptor's digest, the signature,
    /// and that every disk is a stream-optimized VMDK.
    /// </summary>
    public Task CheckImportableAsync(CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Reads every file and compares digests and signature; findings are returned, not thrown.</summary>
    public Task<OvaVerification> VerifyAsync(IProgress<OperationProgress> progress, CancellationToken cancellationToken) => throw new NotImplementedException();

    /// <summary>Closes the package.</summary>
    public void Dispose() => throw new NotImplementedException();
}
