namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The OVA or OVF does not exist.</summary>
    public static readonly ErrorCode OvaNotFound = new(nameof(OvaNotFound), ErrorKind.ObjectNotFound);

    /// <summary>The path is a folder, not a package.</summary>
    public static readonly ErrorCode OvaIsFolder = new(nameof(OvaIsFolder), ErrorKind.InvalidArgument);

    /// <summary>A file of the package can't be read (rights, sharing, a failing disk).</summary>
    public static readonly ErrorCode OvaUnreadable = new(nameof(OvaUnreadable), ErrorKind.ReadError);

    /// <summary>The file is not a tar archive.</summary>
    public static readonly ErrorCode OvaNotATar = new(nameof(OvaNotATar), ErrorKind.InvalidData);

    /// <summary>The archive, or a file beside the .ovf, ends early.</summary>
    public static readonly ErrorCode OvaTruncated = new(nameof(OvaTruncated), ErrorKind.InvalidData);

    /// <summary>A header of the archive is damaged.</summary>
    public static readonly ErrorCode OvaDamaged = new(nameof(OvaDamaged), ErrorKind.InvalidData);

    /// <summary>The archive contains entries that an OVA must not contain (sparse members, links, too many entries).</summary>
    public static readonly ErrorCode OvaEntryNotSupported = new(nameof(OvaEntryNotSupported), ErrorKind.InvalidData);

    /// <summary>The archive contains no .ovf.</summary>
    public static readonly ErrorCode OvaNoDescriptor = new(nameof(OvaNoDescriptor), ErrorKind.InvalidData);

    /// <summary>The archive contains more than one .ovf.</summary>
    public static readonly ErrorCode OvaSeveralDescriptors = new(nameof(OvaSeveralDescriptors), ErrorKind.InvalidData);

    /// <summary>The descriptor is not a well-formed OVF.</summary>
    public static readonly ErrorCode OvfMalformed = new(nameof(OvfMalformed), ErrorKind.InvalidData);

    /// <summary>The descriptor has a document type declaration.</summary>
    public static readonly ErrorCode OvfHasDtd = new(nameof(OvfHasDtd), ErrorKind.SecurityError);

    /// <summary>The descriptor is larger than any host accepts.</summary>
    public static readonly ErrorCode OvfTooLarge = new(nameof(OvfTooLarge), ErrorKind.LimitsExceeded);

    /// <summary>The descriptor describes a group of VMs (VirtualSystemCollection).</summary>
    public static readonly ErrorCode OvfVirtualSystemCollection = new(nameof(OvfVirtualSystemCollection), ErrorKind.NotImplemented);

    /// <summary>A file reference leaves the package (an address, or a path out of its folder).</summary>
    public static readonly ErrorCode OvaReferenceInvalid = new(nameof(OvaReferenceInvalid), ErrorKind.SecurityError);

    /// <summary>A file that the descriptor names is not in the package.</summary>
    public static readonly ErrorCode OvaFileMissing = new(nameof(OvaFileMissing), ErrorKind.InvalidData);

    /// <summary>A file uses a compression that is not supported.</summary>
    public static readonly ErrorCode OvaCompressionNotSupported = new(nameof(OvaCompressionNotSupported), ErrorKind.NotImplemented);

    /// <summary>A gzip file can't be decompressed.</summary>
    public static readonly ErrorCode OvaCompressedFileDamaged = new(nameof(OvaCompressedFileDamaged), ErrorKind.InvalidData);

    /// <summary>The manifest can't be parsed.</summary>
    public static readonly ErrorCode OvaManifestInvalid = new(nameof(OvaManifestInvalid), ErrorKind.InvalidData);

    /// <summary>The manifest uses a digest that is not supported.</summary>
    public static readonly ErrorCode OvaManifestAlgorithmNotSupported = new(nameof(OvaManifestAlgorithmNotSupported), ErrorKind.NotImplemented);

    /// <summary>A file does not match its digest in the manifest.</summary>
    public static readonly ErrorCode OvaDigestMismatch = new(nameof(OvaDigestMismatch), ErrorKind.SecurityError);

    /// <summary>The signature in the certificate file does not match the manifest.</summary>
    public static readonly ErrorCode OvaSignatureInvalid = new(nameof(OvaSignatureInvalid), ErrorKind.SecurityError);

    /// <summary>The deployment option does not exist.</summary>
    public static readonly ErrorCode OvfDeploymentOptionUnknown = new(nameof(OvfDeploymentOptionUnknown), ErrorKind.InvalidArgument);

    /// <summary>The OVF property does not exist.</summary>
    public static readonly ErrorCode OvfPropertyUnknown = new(nameof(OvfPropertyUnknown), ErrorKind.InvalidArgument);

    /// <summary>Users can't set the property.</summary>
    public static readonly ErrorCode OvfPropertyNotConfigurable = new(nameof(OvfPropertyNotConfigurable), ErrorKind.InvalidArgument);

    /// <summary>The property does not accept this value.</summary>
    public static readonly ErrorCode OvfPropertyInvalid = new(nameof(OvfPropertyInvalid), ErrorKind.InvalidArgument);

    /// <summary>A required property has no value.</summary>
    public static readonly ErrorCode OvfPropertyRequired = new(nameof(OvfPropertyRequired), ErrorKind.InvalidArgument);
}
