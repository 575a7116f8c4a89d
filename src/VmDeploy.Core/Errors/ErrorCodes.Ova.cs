namespace VmDeploy;

public static partial class ErrorCodes
{
    /// <summary>The OVA or OVF does not exist.</summary>
    public static readonly ErrorCode OvaNotFound = new(nameof(OvaNotFound), ErrorKind.ObjectNotFound,
        "Check the path; give an .ova, or an .ovf that lies beside its files.");

    /// <summary>A folder where a package is wanted.</summary>
    public static readonly ErrorCode OvaIsFolder = new(nameof(OvaIsFolder), ErrorKind.InvalidArgument,
        "Name the .ova, or the .ovf in the folder; Get-ChildItem pipes all that match into Get-VmOva or Import-VmOva.");

    /// <summary>A file of the package can't be read (rights, sharing, a failing disk).</summary>
    public static readonly ErrorCode OvaUnreadable = new(nameof(OvaUnreadable), ErrorKind.ReadError,
        "Check the rights on the file, that no other program writes to it, and the medium it lies on.");

    /// <summary>The file is no tar archive.</summary>
    public static readonly ErrorCode OvaNotATar = new(nameof(OvaNotATar), ErrorKind.InvalidData,
        "An .ova is an uncompressed tar archive with an .ovf inside; fetch or export the file again.");

    /// <summary>The archive, or a file beside the .ovf, ends early.</summary>
    public static readonly ErrorCode OvaTruncated = new(nameof(OvaTruncated), ErrorKind.InvalidData,
        "The file is incomplete: copy or download it again and compare its size with the original.");

    /// <summary>A header of the archive is damaged.</summary>
    public static readonly ErrorCode OvaDamaged = new(nameof(OvaDamaged), ErrorKind.InvalidData,
        "The archive is damaged: copy or download it again and compare its checksum with the original.");

    /// <summary>The archive needs something that an OVA may not contain (sparse members, links, too many entries).</summary>
    public static readonly ErrorCode OvaEntryNotSupported = new(nameof(OvaEntryNotSupported), ErrorKind.InvalidData,
        "Pack the files again as plain files: tar --format=ustar -cf vm.ova vm.ovf vm.mf disk.vmdk.");

    /// <summary>There is no .ovf in the archive.</summary>
    public static readonly ErrorCode OvaNoDescriptor = new(nameof(OvaNoDescriptor), ErrorKind.InvalidData,
        "An OVA contains exactly one .ovf; check that this is an OVA and not another kind of archive.");

    /// <summary>There is more than one .ovf in the archive.</summary>
    public static readonly ErrorCode OvaSeveralDescriptors = new(nameof(OvaSeveralDescriptors), ErrorKind.InvalidData,
        "An OVA contains exactly one .ovf; extract the archive and import the .ovf that is meant.");

    /// <summary>The descriptor is no well-formed OVF.</summary>
    public static readonly ErrorCode OvfMalformed = new(nameof(OvfMalformed), ErrorKind.InvalidData,
        "The .ovf can't be understood; export the machine again, or correct the place that the message names.");

    /// <summary>The descriptor has a document type declaration.</summary>
    public static readonly ErrorCode OvfHasDtd = new(nameof(OvfHasDtd), ErrorKind.SecurityError,
        "No OVF needs a DTD, and one can be used for attacks; remove the <!DOCTYPE ...> from the .ovf if its source is trusted.");

    /// <summary>The descriptor is larger than any host accepts.</summary>
    public static readonly ErrorCode OvfTooLarge = new(nameof(OvfTooLarge), ErrorKind.LimitsExceeded,
        "Hosts refuse requests of this size; remove embedded data from the .ovf.");

    /// <summary>The descriptor holds a group of machines (VirtualSystemCollection).</summary>
    public static readonly ErrorCode OvfVirtualSystemCollection = new(nameof(OvfVirtualSystemCollection), ErrorKind.NotImplemented,
        "Export the machines of the vApp one by one, and import each.");

    /// <summary>A file reference leaves the package (an address, or a path out of its folder).</summary>
    public static readonly ErrorCode OvaReferenceInvalid = new(nameof(OvaReferenceInvalid), ErrorKind.SecurityError,
        "Put the file beside the .ovf and let the ovf:href be its bare name.");

    /// <summary>A file that the descriptor names is not in the package.</summary>
    public static readonly ErrorCode OvaFileMissing = new(nameof(OvaFileMissing), ErrorKind.InvalidData,
        "The package is incomplete: copy or download all of it again.");

    /// <summary>A file is compressed in a way that is not known.</summary>
    public static readonly ErrorCode OvaCompressionNotSupported = new(nameof(OvaCompressionNotSupported), ErrorKind.NotImplemented,
        "Only gzip is known; decompress the file and remove ovf:compression from its reference.");

    /// <summary>A gzip'ed file can't be inflated.</summary>
    public static readonly ErrorCode OvaCompressedFileDamaged = new(nameof(OvaCompressedFileDamaged), ErrorKind.InvalidData,
        "The file is damaged or incomplete: copy or download the package again.");

    /// <summary>The manifest can't be understood.</summary>
    public static readonly ErrorCode OvaManifestInvalid = new(nameof(OvaManifestInvalid), ErrorKind.InvalidData,
        "Each line of the .mf reads SHA256(name)= hex-digest; correct the line, or fetch the package again.");

    /// <summary>The manifest uses a digest that is not known.</summary>
    public static readonly ErrorCode OvaManifestAlgorithmNotSupported = new(nameof(OvaManifestAlgorithmNotSupported), ErrorKind.NotImplemented,
        "SHA1, SHA256, SHA384 and SHA512 are known; write the .mf again with one of these.");

    /// <summary>A file's content is not what the manifest says.</summary>
    public static readonly ErrorCode OvaDigestMismatch = new(nameof(OvaDigestMismatch), ErrorKind.SecurityError,
        "The file is damaged or was changed after the export: copy or download the package again. Get-VmOva -Verify checks all files.");

    /// <summary>The certificate file does not sign this manifest.</summary>
    public static readonly ErrorCode OvaSignatureInvalid = new(nameof(OvaSignatureInvalid), ErrorKind.SecurityError,
        "The package was changed after it was signed, or its .cert is damaged: fetch it again from its publisher.");

    /// <summary>There is no such deployment option.</summary>
    public static readonly ErrorCode OvfDeploymentOptionUnknown = new(nameof(OvfDeploymentOptionUnknown), ErrorKind.InvalidArgument,
        "Get-VmOva lists the deployment options of the package.");

    /// <summary>There is no such OVF property.</summary>
    public static readonly ErrorCode OvfPropertyUnknown = new(nameof(OvfPropertyUnknown), ErrorKind.InvalidArgument,
        "Get-VmOva lists the properties of the package.");

    /// <summary>The property may not be set by users.</summary>
    public static readonly ErrorCode OvfPropertyNotConfigurable = new(nameof(OvfPropertyNotConfigurable), ErrorKind.InvalidArgument,
        "The publisher has fixed this property; leave it out.");

    /// <summary>The property does not take this value.</summary>
    public static readonly ErrorCode OvfPropertyInvalid = new(nameof(OvfPropertyInvalid), ErrorKind.InvalidArgument,
        "Get-VmOva shows the type, the limits and the allowed values of each property.");

    /// <summary>A property must be given.</summary>
    public static readonly ErrorCode OvfPropertyRequired = new(nameof(OvfPropertyRequired), ErrorKind.InvalidArgument,
        "Give it with -Property @{ key = 'value' }; Get-VmOva describes what is expected.");
}
